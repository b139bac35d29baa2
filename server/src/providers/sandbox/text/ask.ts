import type { Attachment } from '../attachment.ts';
import type { ChatInput } from '../chat-input.ts';
import type { Turn } from '../read-messages.ts';

/** What the last user message asks, as the skills see it. */
export interface Ask {
  /** The last user message; of a long one its beginning and its end. */
  text: string;
  lower: string;
  /** All system and developer messages. */
  system: string;
  turns: readonly Turn[];
  attachments: readonly Attachment[];
  /** Only the bare value is wanted: a word, a number, no sentence round it. */
  brief: boolean;
  long: boolean;
  variation: number;
  input: ChatInput;
}

/** `exact` texts leave without the label. */
export interface Reply {
  text: string;
  exact?: boolean;
  /** The value inside the text, when it is a number. */
  number?: number;
}

/** Answers one kind of question, or leaves it to the next skill. */
export type Skill = (ask: Ask) => Reply | undefined;

const longestText = 6000;

export function createAsk(input: ChatInput, variation: number): Ask {
  const last = input.turns.findLast((turn) => turn.role === 'user');
  const text = shorten(last?.text ?? '').trim();
  const system = shorten(
    input.turns
      .filter((turn) => turn.role === 'system')
      .map((turn) => turn.text)
      .join('\n'),
  );
  return {
    text,
    lower: text.toLowerCase(),
    system,
    turns: input.turns,
    attachments: last?.attachments ?? [],
    brief: briefWords.test(text) || briefWords.test(system),
    long: longWords.test(text),
    variation,
    input,
  };
}

/** The bare value when the caller wants nothing round it, else the sentence. */
export const say = (ask: Ask, value: string, sentence: string): Reply =>
  ask.brief ? { text: value, exact: true } : { text: sentence };

const briefWords =
  /\b(?:just|only)\b[^.\n]{0,24}\b(?:number|word|name|city|answer|result|value|letter|digit|digits|code|country|colou?r|yes or no|one word)\b|\b(?:number|word|name|city|answer|result|value|letter|code|country|colou?r)s? only\b|\bnothing else\b|\b(?:one|single) word\b|\bno (?:explanation|other text|extra text|prose)\b|\bnothing more\b|\b(?:answer|reply|respond)\b[^.\n]{0,12} yes or no\b/i;

const longWords =
  /\b(?:essay|article|story|at length|in detail|detailed|long|step by step|paragraphs|\d{2,5}[- ]words?)\b/i;

const shorten = (text: string): string =>
  text.length <= longestText ? text : `${text.slice(0, longestText / 2)}\n…\n${text.slice(-longestText / 2)}`;
