import { canChat } from '../../api/models.ts';
import type { Model } from '../../api/types.ts';
import { CliError } from '../../cli-error.ts';
import { wrap } from '../../format/text.ts';
import { nearest } from '../../suggest.ts';
import type { Message } from './answer.ts';
import { chooseModel } from './choose-model.ts';
import type { Interrupts } from './interrupts.ts';
import { readMessage } from './read-message.ts';
import { type ShowDeps, showAnswer } from './show-answer.ts';

export interface ConversationDeps extends ShowDeps {
  interrupts: Interrupts;
  models: readonly Model[];
}

export interface ConversationStart {
  model: string;
  system: string | undefined;
  /** The first message, when it was given on the command line. */
  prompt: string;
}

const help = [
  '/model          which model answers',
  '/model <name>   let another one answer',
  '/new            forget what was said',
  '/exit           leave (so does Ctrl-D)',
  'Ctrl-C          stop an answer; a second one leaves',
].join('\n');

/** Talks in the terminal until the person leaves. */
export async function converse(
  deps: ConversationDeps,
  { model: firstModel, system, prompt }: ConversationStart,
): Promise<void> {
  const { output, interrupts, client } = deps;
  const { colours, asideColours, aside } = output;
  const ids = deps.models.filter(canChat).map(({ id }) => id);
  const history: string[] = [];
  const beginning: Message[] = system === undefined ? [] : [{ role: 'system', content: system }];
  let messages = [...beginning];
  let model = firstModel;
  const say = (text: string) => aside(asideColours.dim(wrap(text, output.width)));

  say(`${model} at ${client.connection.url}. /help lists what you can type; /exit leaves.`);
  for (let typed: string | undefined = prompt === '' ? '\n' : prompt; typed !== undefined; typed = await next()) {
    const text = typed.trim();
    if (text === '') continue;
    const command = /^\/([a-z]*)(?:\s+(.*))?$/.exec(text);
    if (!command) await answer(text);
    else if (await obey(command[1]!, command[2]?.trim())) return;
  }

  function next(): Promise<string | undefined> {
    return readMessage({
      text: `${colours.bold(colours.cyan('>'))} `,
      history,
      onInterrupt: () => say('Press Ctrl-C again to leave.'),
    });
  }

  async function answer(text: string): Promise<void> {
    messages.push({ role: 'user', content: text });
    try {
      const answered = await interrupts.during((signal) => showAnswer(deps, { model, messages }, signal));
      if (answered.fault) complain(answered.fault);
      if (answered.text === '') messages.pop();
      else messages.push({ role: 'assistant', content: answered.text });
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      messages.pop();
      complain(error);
    }
  }

  /** Returns whether to leave. */
  async function obey(name: string, argument: string | undefined): Promise<boolean> {
    switch (name) {
      case 'exit':
      case 'quit':
        return true;
      case 'help':
        say(help);
        return false;
      case 'new':
        messages = [...beginning];
        say('Forgotten. This is a new conversation.');
        return false;
      case 'model': {
        const choice = chooseModel(argument, model, ids);
        model = choice.model;
        say(choice.told);
        return false;
      }
      default: {
        const near = nearest(name, ['model', 'new', 'exit', 'help']);
        say(`There is no /${name}. ${near ? `Did you mean /${near}?` : '/help lists what there is.'}`);
        return false;
      }
    }
  }

  function complain({ message, hint }: CliError): void {
    aside(`${asideColours.red('error:')} ${message}${hint === undefined ? '' : `\n${hint}`}`);
  }
}
