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
    'DATABASE_URL, and the keys of providers: OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY and others.',
  ].join('\n'),
  examples: ['sluice serve', 'PORT=9000 SLUICE_DATA_DIR=/var/lib/sluice sluice serve'],
  async run() {
    throw new CliError(
      'The server is started by the program `sluice`, not from inside the command line.',
      'Use `sluice serve` or `npm start`.',
    );
  },
});
