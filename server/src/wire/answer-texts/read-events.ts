import type { AnswerText, AnswerTextKind, ReadableFrame } from '../../core/answer-text.ts';
import type { ChatEvent } from '../../core/chat-event.ts';
import type { Frame } from '../../core/frame.ts';
import { isObject, tryParseJson } from '../../core/json.ts';

const nothing = new Uint8Array(0);

/** The texts of a frame that is written anew for its caller. */
export function readEvents(frame: Frame): ReadableFrame {
  const events = frame.events();
  const texts: AnswerText[] = [];
  const at: number[] = [];
  const ended: number[] = [];
  const begun: ReadableFrame['begun'][number][] = [];
  events.forEach((event, index) => {
    if (event.type === 'finish') ended.push(event.choice);
    if (event.type === 'tool-call-start') begun.push({ kind: 'arguments', choice: event.choice });
    const text = textOf(event);
    if (!text) return;
    texts.push(text);
    at.push(index);
  });
  return {
    frame,
    texts,
    ended,
    begun,
    replace(changed) {
      const told = [...events];
      changed.forEach((text, index) => {
        if (text !== undefined) told[at[index]!] = withText(events[at[index]!]!, text);
      });
      return { wire: frame.wire, bytes: nothing, events: () => told };
    },
  };
}

function textOf(event: ChatEvent): AnswerText | undefined {
  switch (event.type) {
    case 'text-delta':
      return piece('text', event.choice, '', event.text);
    case 'refusal-delta':
      return piece('text', event.choice, 'refusal', event.text);
    case 'reasoning-delta':
      return piece('reasoning', event.choice, '', event.text);
    case 'tool-call-delta':
      return piece('arguments', event.choice, String(event.index), event.arguments);
    case 'media':
      return event.transcript === undefined ? undefined : piece('text', event.choice, 'transcript', event.transcript);
    default:
      return undefined;
  }
}

const piece = (kind: AnswerTextKind, choice: number, part: string, text: string): AnswerText | undefined =>
  text === '' ? undefined : { kind, choice, part, text, whole: false };

function withText(event: ChatEvent, text: string): ChatEvent {
  switch (event.type) {
    case 'text-delta':
      // Log probabilities spell the old text token by token.
      return { type: 'text-delta', choice: event.choice, text };
    case 'refusal-delta':
    case 'reasoning-delta':
      return { ...event, text };
    case 'tool-call-delta':
      return { ...event, arguments: text };
    case 'media':
      return { ...event, transcript: text };
    default:
      return event;
  }
}

/**
 * The same change in the events of a native frame. Events and native texts need not be one to one, so of each kind and choice the
 * first event says all that its texts say now and the others nothing; arguments that came as an object are replaced within it.
 */
export function withTexts(events: ChatEvent[], texts: AnswerText[], changed: (string | undefined)[]): ChatEvent[] {
  const said = new Map<string, string>();
  const within: [string, string][] = [];
  const parts = new Map<string, string[]>();
  const keyOf = (kind: string, choice: number, part: string): string => {
    // Parts are numbered as they appear: a block's number here, a call's there.
    const known = parts.get(`${kind}:${choice}`) ?? [];
    parts.set(`${kind}:${choice}`, known);
    if (!known.includes(part)) known.push(part);
    return `${kind}:${choice}:${known.indexOf(part)}`;
  };
  texts.forEach(({ kind, choice, part, text, repeated }, index) => {
    const now = changed[index];
    if (kind === 'argument-text') {
      if (now !== undefined) within.push([text, now]);
    } else if (!repeated && kind !== 'echo') {
      const key = keyOf(kind, choice, kind === 'arguments' ? part : '');
      said.set(key, (said.get(key) ?? '') + (now ?? text));
    }
  });
  parts.clear();
  const told = new Set<string>();
  return events.map((event) => {
    const text = textOf(event);
    if (!text) return event;
    if (text.kind === 'arguments' && within.length > 0) return withText(event, replaceWithin(text.text, within));
    const key = keyOf(text.kind, text.choice, text.kind === 'arguments' ? text.part : '');
    const all = said.get(key);
    if (all === undefined) return event;
    if (told.has(key)) return withText(event, '');
    told.add(key);
    return withText(event, all);
  });
}

function replaceWithin(json: string, within: readonly [string, string][]): string {
  const value = tryParseJson(json);
  if (value === undefined) return within.reduce((text, [from, to]) => text.replaceAll(from, to), json);
  const visit = (inner: unknown): unknown => {
    if (typeof inner === 'string') return within.find(([from]) => from === inner)?.[1] ?? inner;
    if (Array.isArray(inner)) return inner.map(visit);
    return isObject(inner)
      ? Object.fromEntries(Object.entries(inner).map(([name, each]) => [name, visit(each)]))
      : inner;
  };
  return JSON.stringify(visit(value));
}
