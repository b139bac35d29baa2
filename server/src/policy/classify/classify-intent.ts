import type { CallContext, ChatCall, ModelCall } from '../../core/call.ts';
import type { ChatRequest } from '../../core/chat-request.ts';
import { type Intent, intents } from '../../core/intent.ts';
import { askOnTheSide, textOf } from '../ask-about.ts';
import type { BackgroundCall } from '../background-call.ts';
import type { Next, Policy } from '../pipeline.ts';

export interface ClassifyDeps {
  ask: BackgroundCall;
  /** The classifier that the call's group asks; undefined for calls that are not classified. */
  classifierOf(call: ModelCall): string | undefined;
  onFault(error: unknown): void;
}

const instructions =
  'You sort requests to a language model by what they need. Say one word: UTILITY for quick tasks with a plain result (extract, translate, format, look up, summarise a short text), CHAT for conversation and simple questions, REASONING for what takes several steps, planning, mathematics, code or analysis.';

// The answer waits for it, so a slow classifier is worse than none.
const withinMs = 5000;
const mostCharacters = 4000;
const mostKept = 5000;

/**
 * Asks a small model what a request is about, for groups that choose by it. The call is on the account of whoever asks, limited, charged and
 * written down by itself, with the tag `classifier`. What was said of a text is remembered. When nobody can say, the group goes by complexity.
 */
export const classifyIntent = ({ ask, classifierOf, onFault }: ClassifyDeps): Policy => {
  const known = new Map<string, Intent>();

  async function* classified(classifier: string, call: ChatCall, context: CallContext, next: Next) {
    const text = lastWords(call.request);
    const key = `${classifier}\n${text}`;
    let intent = known.get(key);
    if (intent === undefined && text !== '') {
      intent = await intentOf(classifier, text, call, context);
      if (intent !== undefined) {
        // The oldest goes: a map keeps the order in which keys came.
        if (known.size >= mostKept) known.delete(known.keys().next().value!);
        known.set(key, intent);
      }
    }
    yield* next(intent === undefined ? call : { ...call, intent }, context);
  }

  async function intentOf(
    classifier: string,
    text: string,
    call: ChatCall,
    { principal, tags }: CallContext,
  ): Promise<Intent | undefined> {
    try {
      const { answer } = await ask(
        askOnTheSide(call, classifier, instructions, text),
        // The operator chose the model, whatever models the key may name itself.
        { ...principal, models: undefined, scopes: undefined },
        { tags: [...tags, 'classifier'], withinMs },
      );
      const said = textOf(answer.choices[0]?.parts ?? []).toLowerCase();
      return intents.find((intent) => said.includes(intent));
    } catch (error) {
      onFault(error);
      return undefined;
    }
  }

  return function classifyIntent(call, context, next) {
    if (call.operation !== 'chat') return next(call, context);
    const classifier = classifierOf(call);
    return classifier === undefined ? next(call, context) : classified(classifier, call, context, next);
  };
};

/** The last thing that a user said: turns of a tool loop are what the turn before them was. */
function lastWords({ messages }: ChatRequest): string {
  const last = messages.findLast(({ role, parts }) => role === 'user' && parts.some(({ type }) => type === 'text'));
  return last ? textOf(last.parts).slice(0, mostCharacters) : '';
}
