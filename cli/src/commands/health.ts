import { notSluice, unreachable } from '../api/api-error.ts';
import { isObject, textOf, tryParse } from '../api/json.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';

// Whoever asks in turns would rather hear no than nothing.
const timeoutMs = 5000;

export const health = defineCommand({
  name: 'health',
  summary: 'Say whether a server is there',
  details:
    'Asks whether a server answers, for whoever watches it: the exit code is 0 when it does and 1 when not. No key is needed. With `--ready`, whether it can serve calls: its database is open, and it is not stopping.',
  options: { ready: { type: 'boolean', summary: 'Whether it can serve calls' } },
  examples: ['sluice health', 'sluice health --ready --url https://gateway.example.com'],
  async run({ options: { ready }, output, connection }) {
    const server = connection();
    const path = ready ? '/ready' : '/health';
    const response = await fetch(server.url + path, { signal: AbortSignal.timeout(timeoutMs) }).catch((cause) => {
      throw unreachable(server, cause);
    });
    const answer = tryParse(await response.text());
    const status = isObject(answer) ? textOf(answer.status) : undefined;
    if (status === undefined) throw notSluice(server, `GET ${path} answered ${response.status}`);
    if (!response.ok) throw new CliError(`The server at ${server.url} is ${status}.`);
    output.print({ status }, () => status);
  },
});
