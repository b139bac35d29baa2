import { defineCommand } from './command.ts';
import { cache } from './commands/cache/cache.ts';
import { chat } from './commands/chat/chat.ts';
import { keys } from './commands/keys/keys.ts';
import { models } from './commands/models/models.ts';
import { providers } from './commands/providers/providers.ts';
import { serve } from './commands/serve.ts';
import { usage } from './commands/usage.ts';
import { run } from './run.ts';

const root = defineCommand({
  name: 'sluice',
  summary: 'One endpoint, one key and one ledger in front of every model',
  options: { version: { type: 'boolean', short: 'v', summary: 'Print the version' } },
  subcommands: [serve, chat, models, providers, keys, cache, usage],
  examples: [
    'sluice serve',
    'sluice chat "Why is the sky blue?"',
    'sluice keys create laptop --expires 30d',
    'sluice usage --by model --from 7d',
  ],
});

// `sluice models | head` closes the pipe early: that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await run(root, process.argv.slice(2), process.env);
