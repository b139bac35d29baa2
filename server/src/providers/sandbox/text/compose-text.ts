import { jsonReply } from '../json-answer.ts';
import type { Turn } from '../read-messages.ts';
import { arithmetic } from './arithmetic.ts';
import type { Ask, Reply, Skill } from './ask.ts';
import { counting } from './counting.ts';
import { exactReply } from './exact-reply.ts';
import { facts } from './facts.ts';
import { languageReply } from './languages.ts';
import { inventName, listReply } from './lists.ts';
import { memory } from './memory.ts';
import { longText, samples } from './samples.ts';
import { attachmentReply, greetingReply, identityReply, sandboxHelp } from './small-talk.ts';
import { transforms } from './transforms.ts';

// The first that has an answer gives it; what is asked for word by word comes first, what fits anything last.
const skills: readonly Skill[] = [
  toolResults,
  jsonReply,
  languageReply,
  exactReply,
  attachmentReply,
  memory,
  arithmetic,
  counting,
  transforms,
  facts,
  listReply,
  inventName,
  samples,
  longText,
  identityReply,
  greetingReply,
];

/** The answer in words. A trailing assistant message is continued, not answered afresh. */
export function composeText(ask: Ask): Reply {
  let reply: Reply | undefined;
  for (const skill of skills) {
    reply = skill(ask);
    if (reply) break;
  }
  reply = framed(ask, reply ?? sandboxHelp(ask));
  const last = ask.turns.at(-1);
  return last?.role === 'assistant' && last.calls.length === 0 && last.text !== ''
    ? { ...reply, text: continuation(last.text, reply.text), exact: true }
    : reply;
}

const frameOrder =
  /\b(end|finish|close|conclude|begin|start|prefix) (?:every|each|all)(?: of)?(?: your)?(?: single)? (?:repl(?:y|ies)|responses?|answers?|messages?) with (?:the (?:word|phrase|text|string) )?["'“]?([^"'”.\n]{1,60})/i;

/** The answer with the words that the system message wants at the end, or the start, of each one. */
function framed(ask: Ask, reply: Reply): Reply {
  const match = frameOrder.exec(ask.system);
  if (!match) return reply;
  const words = match[2]!.trim();
  const last = /^(?:end|finish|close|conclude)$/i.test(match[1]!);
  return { ...reply, text: last ? `${reply.text} ${words}` : `${words} ${reply.text}`, ...(!last && { exact: true }) };
}

const mostQuoted = 2000;

/** Answers with what the tools returned, when results are the last thing in the conversation. */
function toolResults(ask: Ask): Reply | undefined {
  if (ask.turns.at(-1)?.role !== 'tool') return undefined;
  const asked = ask.turns.findLastIndex((turn) => turn.role === 'user');
  const results = ask.turns.slice(asked + 1).filter((turn) => turn.role === 'tool');
  const lines = results.map((turn) => `${nameOf(turn, ask.turns)} returned ${clip(turn.text.trim() || 'nothing')}`);
  const together =
    lines.length === 1 ? `The tool ${lines[0]}` : `The tools answered:\n${lines.map((line) => `- ${line}`).join('\n')}`;
  return { text: together };
}

function nameOf(result: Turn, turns: readonly Turn[]): string {
  const call = turns.flatMap((turn) => turn.calls).find(({ id }) => id === result.callId);
  return call?.name ?? result.name ?? 'tool';
}

const clip = (text: string): string => (text.length <= mostQuoted ? text : `${text.slice(0, mostQuoted)}…`);

/** What follows `begun`: the rest of the answer from the longest piece that both share, so that nothing is said twice. */
function continuation(begun: string, answer: string): string {
  for (let length = Math.min(begun.length, answer.length, 400); length > 0; length--)
    if (answer.startsWith(begun.slice(-length))) return answer.slice(length) || '.';
  return `${/\s$/.test(begun) ? '' : ' '}${answer}`;
}
