import type { ReasoningEffort } from './chat-input.ts';
import type { Ask } from './text/ask.ts';

const sentencesFor: Record<ReasoningEffort, number> = {
  none: 0,
  minimal: 0,
  low: 2,
  medium: 4,
  high: 7,
  xhigh: 9,
  max: 10,
};

/** Thoughts to show before the answer: the more effort, the more sentences; none for a model that does not reason. */
export function composeReasoning(ask: Ask, answer: string): string {
  const { model, effort, tools, format } = ask.input;
  const count = model.reasons ? sentencesFor[effort] : 0;
  if (count === 0) return '';
  const quote = ask.text.replace(/\s+/g, ' ').slice(0, 80);
  const shown = answer.replace(/\s+/g, ' ').slice(0, 60);
  const thoughts = [
    `The user wrote: “${quote}”.`,
    'I am the offline sandbox, so I look for something that I can answer by rule.',
    tools.length > 0
      ? `Tools on offer: ${tools.length}; I compare their names with the request.`
      : 'There are no tools to call.',
    format.type === 'text' ? 'The answer is to be plain text.' : 'The answer has to be valid JSON.',
    `Of the conversation (messages: ${ask.turns.length}) the last one decides.`,
    'I check whether a word-for-word answer is wanted.',
    `A first draft would be: “${shown}”.`,
    'I read the draft again against the request.',
    'Nothing in it needs the network or a key.',
    'The draft stands.',
  ];
  return thoughts.slice(0, count).join(' ');
}
