import { defineCommand } from '../../command.ts';
import { addGuardrail } from './add.ts';
import { disableGuardrail, enableGuardrail } from './enable.ts';
import { listGuardrails } from './list.ts';
import { removeGuardrail } from './remove.ts';
import { testGuardrails } from './test.ts';

export const guardrails = defineCommand({
  name: 'guardrails',
  summary: 'Add, list, try, switch and remove rules about what goes in and comes out',
  details:
    'Rules about personal data, secrets, words, injections, size, language and schemas, in the order in which they apply. Those under `guardrails` in sluice.yaml hold for everybody and come first.',
  subcommands: [addGuardrail, listGuardrails, testGuardrails, enableGuardrail, disableGuardrail, removeGuardrail],
});
