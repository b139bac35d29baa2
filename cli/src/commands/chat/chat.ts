import { createClient } from '../../api/client.ts';
import { defaultModel, listModels } from '../../api/models.ts';
import { CliError, UsageError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { converse } from './conversation.ts';
import { watchInterrupts } from './interrupts.ts';
import { showAnswer } from './show-answer.ts';

export const chat = defineCommand({
  name: 'chat',
  summary: 'Talk to a model in the terminal',
  details:
    'Talks to a model in the terminal. Under each answer stand the model, the route, the cost, the tokens and the time. What is piped in is added to the prompt, and then one answer is given.',
  positionals: [{ name: 'prompt', required: false, rest: true }],
  options: {
    model: {
      type: 'string',
      short: 'm',
      value: 'model',
      summary: 'Who answers (`auto` where there is one, else the first that can chat)',
    },
    system: { type: 'string', short: 's', value: 'text', summary: 'How the model should behave' },
    once: { type: 'boolean', summary: 'Give one answer and leave' },
  },
  examples: [
    'sluice chat',
    'sluice chat -m openai/gpt-5-mini "What is a sluice?"',
    'git diff | sluice chat --once "Write a commit message"',
  ],
  async run({ options: { model, system, once }, words, output, connection }) {
    const client = createClient(connection());
    const isConversation = process.stdin.isTTY === true && output.isTerminal && !once && !output.json;
    const prompt = isConversation ? words.join(' ') : await readPrompt(words.join(' '));
    const models = isConversation || model === undefined ? await listModels(client) : [];
    const chosen = model ?? defaultModel(models);
    if (chosen === undefined)
      throw new CliError('There is no model that this key may use.', '`sluice providers` lists what is set up.');
    const interrupts = watchInterrupts();
    try {
      if (isConversation) {
        await converse({ client, output, interrupts, models }, { model: chosen, system, prompt });
        return 0;
      }
      const messages = [
        ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
        { role: 'user' as const, content: prompt },
      ];
      const answer = await interrupts.during((signal) =>
        showAnswer({ client, output }, { model: chosen, messages }, signal),
      );
      if (answer.fault) throw answer.fault;
      return answer.interrupted ? interrupts.interruptedCode : 0;
    } finally {
      interrupts.close();
    }
  },
});

/** The words of the command line, then what is piped in. With no words at a terminal, what is typed up to Ctrl-D. */
async function readPrompt(words: string): Promise<string> {
  const reads = words === '' || process.stdin.isTTY !== true;
  const piped = reads ? await readAll(process.stdin) : '';
  const prompt = [words, piped].filter((part) => part.trim() !== '').join('\n\n');
  if (prompt === '') throw new UsageError('There is nothing to say: give a prompt, or pipe one in.');
  return prompt;
}

async function readAll(input: AsyncIterable<Buffer | string>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of input) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8').replace(/\n$/, '');
}
