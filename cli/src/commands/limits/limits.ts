import { defineCommand } from '../../command.ts';
import { listLimits } from './list.ts';
import { removeLimit } from './remove.ts';
import { setLimit } from './set.ts';

export const limits = defineCommand({
  name: 'limits',
  summary: 'Set, list and remove limits of requests, tokens and calls at a time',
  details:
    'How much may be asked of models, by whom: requests and tokens a minute, and calls that run at the same time. What stands under `rateLimits` in sluice.yaml holds beside these.',
  subcommands: [setLimit, listLimits, removeLimit],
});
