import { defineCommand } from '../../command.ts';
import { clearCache } from './clear.ts';
import { showStats } from './stats.ts';

export const cache = defineCommand({
  name: 'cache',
  summary: 'See what the caches save, and clear them',
  subcommands: [showStats, clearCache],
});
