import type { AnswerChoice, ChatAnswer } from '../../src/core/chat-answer.ts';
import type { FinishReason } from '../../src/core/chat-event.ts';
import { tryParseJson } from '../../src/core/json.ts';
import type { Usage } from '../../src/core/usage.ts';
import type { Dialect } from '../../src/core/wire-name.ts';

/** What an answer tells, without the ways in which wires differ in telling it. */
export interface Telling {
  choices: ChoiceTelling[];
  usage: Partial<Usage>;
}

interface ChoiceTelling {
  text: string;
  refusal: string;
  reasoning: string;
  calls: { name: string; arguments: unknown }[];
  finish: FinishReason | undefined;
}

export function tellingOf({ choices, usage }: ChatAnswer): Telling {
  return { choices: choices.map(tellChoice), usage: bucketsOf(usage) };
}

function tellChoice({ parts, finish }: AnswerChoice): ChoiceTelling {
  // Sound is told by its words.
  const heard = parts.map((part) => (part.type === 'media' ? (part.transcript ?? '') : '')).join('');
  const textOf = (type: 'text' | 'refusal' | 'reasoning') =>
    parts.map((part) => (part.type === type ? part.text : '')).join('');
  const calls = parts.flatMap((part) =>
    part.type === 'tool-call' ? [{ name: part.name, arguments: argumentsOf(part.arguments) }] : [],
  );
  return {
    text: textOf('text') + heard,
    refusal: textOf('refusal'),
    reasoning: textOf('reasoning'),
    calls,
    finish: finish?.reason,
  };
}

const argumentsOf = (text: string): unknown => tryParseJson(text === '' ? '{}' : text) ?? { invalid_json: text };

function bucketsOf({ estimated: _, reportedCostUsd: __, ...buckets }: Usage): Partial<Usage> {
  return buckets;
}

/** What is left of a telling in a dialect: its own words for finish reasons, its own buckets, its own parts. */
export function expressedIn(dialect: Dialect, { choices, usage }: Telling): Telling {
  const expressed = choices.map((choice) => expressChoice(dialect, choice));
  const several = dialect === 'openai-chat' || dialect === 'gemini';
  return { choices: several ? expressed : expressed.slice(0, 1), usage: expressUsage(dialect, usage as Usage) };
}

function expressChoice(dialect: Dialect, choice: ChoiceTelling): ChoiceTelling {
  const { text, refusal } = choice;
  // Gemini has no place for the words of a refusal; elsewhere they come back as one.
  const told = dialect === 'gemini' ? { ...choice, text: text + refusal, refusal: '' } : choice;
  return { ...told, finish: endedBy(dialect, choice) };
}

/** Reasons that a dialect has no word for, and what they read as. Absent: they come back as they were. */
const finishReasons: Record<Dialect, Partial<Record<FinishReason, FinishReason>>> = {
  'openai-chat': {
    refusal: 'content-filter',
    pause: 'stop',
    'context-exceeded': 'length',
    'malformed-tool-call': 'stop',
    other: 'stop',
  },
  'openai-responses': {
    'stop-sequence': 'stop',
    refusal: 'content-filter',
    pause: 'stop',
    'context-exceeded': 'length',
    other: 'stop',
  },
  'anthropic-messages': { 'content-filter': 'refusal', 'malformed-tool-call': 'stop', other: 'stop' },
  gemini: { 'stop-sequence': 'stop', refusal: 'content-filter', pause: 'other', 'context-exceeded': 'length' },
};

/** Responses and Gemini say `stop` and let the parts decide: calls are to be answered. A refusal in words is one. */
function endedBy(dialect: Dialect, { finish: original, calls, refusal }: ChoiceTelling): FinishReason | undefined {
  const finish = original && (finishReasons[dialect][original] ?? original);
  if (original === 'refusal' && refusal !== '') return dialect === 'gemini' ? finish : original;
  if (dialect === 'anthropic-messages') return finish;
  if (finish === 'stop' && calls.length > 0) return 'tool-calls';
  // A call that only the provider's own wire can show is a loss, and with it the reason.
  if (finish === 'tool-calls' && calls.length === 0 && dialect !== 'openai-chat') return 'stop';
  return finish;
}

function expressUsage(dialect: Dialect, usage: Usage): Partial<Usage> {
  const { input, cacheWrite, cacheWrite1h, audioInput, output, audioOutput } = usage;
  switch (dialect) {
    case 'openai-chat':
      return { ...usage, cacheWrite: cacheWrite + cacheWrite1h, cacheWrite1h: 0 };
    case 'openai-responses':
      return {
        ...usage,
        input: input + audioInput,
        audioInput: 0,
        cacheWrite: cacheWrite + cacheWrite1h,
        cacheWrite1h: 0,
        output: output + audioOutput,
        audioOutput: 0,
      };
    case 'anthropic-messages':
      return { ...usage, input: input + audioInput, audioInput: 0, output: output + audioOutput, audioOutput: 0 };
    case 'gemini':
      return { ...usage, input: input + cacheWrite + cacheWrite1h, cacheWrite: 0, cacheWrite1h: 0 };
  }
}

/** The ids of an answer's tool calls. */
export const callIdsOf = ({ choices }: ChatAnswer): string[] =>
  choices.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : [])));
