import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { ApiError } from '../api/api-error.ts';
import { createClient } from '../api/client.ts';
import { CliError, UsageError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';

interface FirstOwnerMade {
  userId: string;
  organisationId: string;
}

export const setup = defineCommand({
  name: 'setup',
  summary: 'Make the first person of a new server',
  details: [
    'Makes the first person of a server where nobody can log in yet: they own its organisation and may do everything. The',
    'setup token stands on the console of the server, works once, and is another one after each start.',
    'The password is asked for at the terminal, or read from what is piped in; it is not given on the command line.',
  ].join('\n'),
  options: {
    token: { type: 'string', value: 'token', summary: 'The setup token, from the console of the server' },
    name: { type: 'string', value: 'name', summary: 'The name of the person' },
    email: { type: 'string', value: 'address', summary: 'What they log in with' },
  },
  examples: [
    'sluice setup --token setup_1f0c… --name "Ada Lovelace" --email ada@example.com',
    'sluice setup --token setup_1f0c… --name Ada --email ada@example.com < password.txt',
  ],
  async run({ options: { token, name, email }, output, connection }) {
    for (const [option, value] of Object.entries({ token, name, email }))
      if (!value?.trim()) throw new UsageError(`\`--${option}\` is missing.`);
    // No key: there is nobody yet who could have given one.
    const client = createClient({ ...connection(), key: undefined });
    const { open } = await client.get<{ open: boolean }>('/api/v1/setup');
    if (!open) throw new CliError('This server is set up already.', 'Log in there, or ask for an invitation.');
    const password = await readPassword();
    const made = await client
      .post<FirstOwnerMade>('/api/v1/setup', { token: token!.trim(), name, email, password })
      .catch((error: unknown) => {
        // The hint of a refused key would send people looking in the wrong place.
        throw error instanceof ApiError && error.code === 'invalid_key' ? new CliError(error.message) : error;
      });
    output.print(made, () => `${name} owns this server now, and logs in as ${email}.`);
  },
});

async function readPassword(): Promise<string> {
  if (process.stdin.isTTY !== true) return (await readAll(process.stdin)).replace(/\r?\n$/, '');
  const password = await ask('Password (10 characters at least): ');
  if (password !== (await ask('Once more: '))) throw new CliError('These are two different passwords.');
  return password;
}

/** Asks at the terminal without showing what is typed. */
function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise((resolve, reject) => {
    reader.on('SIGINT', () => reader.close());
    reader.on('close', () => reject(new CliError('Nothing was changed.', undefined, 130)));
    reader.question('', (line) => {
      process.stderr.write('\n');
      resolve(line);
      reader.close();
    });
  });
}
