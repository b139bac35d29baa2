import { createClient } from '../../api/client.ts';
import { defineCommand } from '../../command.ts';
import { counted } from '../../format/text.ts';

interface Rewrapped {
  masterVersion: number;
  rewrapped: number;
  failed: string[];
}

const rewrap = defineCommand({
  name: 'rewrap',
  summary: 'Put every stored secret under the newest master key, while calls go on',
  details: 'Afterwards the older versions may be taken out of SLUICE_MASTER_KEY. Needs the admin key.',
  async run({ output, connection }) {
    const done = await createClient(connection()).post<Rewrapped>('/api/v1/secrets/rewrap');
    const { masterVersion, rewrapped, failed } = done;
    output.print(done, () =>
      [
        `Re-wrapped ${counted(rewrapped, 'secret')} under v${masterVersion} of the master key.`,
        ...(failed.length > 0
          ? [`${counted(failed.length, 'secret')} did not open and stayed as they are: ${failed.join(', ')}`]
          : []),
      ].join('\n'),
    );
    return failed.length > 0 ? 1 : 0;
  },
});

export const secrets = defineCommand({
  name: 'secrets',
  summary: 'Look after stored secrets',
  details: 'Keys of providers that organisations brought, and what they are sealed with.',
  subcommands: [rewrap],
});
