import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';

/** Only described here: `scripts/sluice.mjs` starts the server itself, without the command line in between. */
export const serve = defineCommand({
  name: 'serve',
  summary: 'Start the server',
  details: [
    'Starts the server in this terminal. It is set up by environment variables and sluice.yaml:',
    '',
    'PORT (8080), HOST (127.0.0.1), SLUICE_DATA_DIR (./data), SLUICE_CONFIG (./sluice.yaml), SLUICE_ADMIN_KEY,',
    'DATABASE_URL, REDIS_URL, and the keys of providers: OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY and others.',
    '',
    '--processes <count> serves the port with several processes, which share DATABASE_URL and REDIS_URL. One that dies ' +
      'is started again. SIGTERM ends all after what they run, SIGHUP reads the configuration again, SIGUSR2 replaces ' +
      'the processes one by one.',
  ].join('\n'),
  options: {
    processes: { type: 'string', value: 'count', summary: 'So many processes on one port, 1 to 64' },
  },
  examples: ['sluice serve', 'sluice serve --processes 4', 'PORT=9000 SLUICE_DATA_DIR=/var/lib/sluice sluice serve'],
  async run() {
    throw new CliError(
      'The server is started by the program `sluice`, not from inside the command line.',
      'Use `sluice serve` or `npm start`.',
    );
  },
});
