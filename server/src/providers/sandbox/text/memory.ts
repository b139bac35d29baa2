import type { Ask, Reply } from './ask.ts';

const question =
  /\bwhat(?:'s| is| was|’s| are) (?:my|the|our) ([\p{L}\p{N} -]{2,40}?)(?: again| i (?:told|gave|mentioned)[^?]*)?\s*(?:\?|\.|$)/iu;

/** Recalls what the conversation said: `My name is Ada.` … `What is my name?` */
export function memory(ask: Ask): Reply | undefined {
  const noun = question.exec(ask.text)?.[1]?.trim();
  if (noun === undefined) return undefined;
  const escaped = noun.replace(/[^\p{L}\p{N}]+/gu, '[ -]');
  const statement = new RegExp(
    String.raw`\b(?:my|the|our) ${escaped}(?: is|'s|:| was)(?: called)?:? +["“'\x60]?([^"”'\x60.,;!?\n]{1,60})`,
    'iu',
  );
  const introduction = /\b(?:i am|i'm|call me) (\p{Lu}[\p{L}'-]+)/u;
  for (const turn of ask.turns.toReversed()) {
    if (turn.role === 'tool' || (turn.role === 'user' && turn.text.trim() === ask.text)) continue;
    const told = turn.text.length > 20_000 ? turn.text.slice(0, 20_000) : turn.text;
    const value = (statement.exec(told) ??
      (noun.toLowerCase() === 'name' ? introduction.exec(told) : null))?.[1]?.trim();
    if (value) return ask.brief ? { text: value, exact: true } : { text: `You told me: ${noun} is ${value}.` };
  }
  return undefined;
}
