import type { ChatEvent, FinishReason, TokenLogprob } from './chat-event.ts';
import type { Part, ReasoningPart, RefusalPart, TextPart, ToolCallPart } from './chat-request.ts';
import { SluiceError } from './sluice-error.ts';
import { noUsage, type Usage } from './usage.ts';

export type MediaOutPart = { type: 'media'; mediaType: string; data: string; transcript?: string; id?: string };
export type AnswerPart = Part | MediaOutPart;

export interface AnswerChoice {
  index: number;
  parts: AnswerPart[];
  logprobs?: TokenLogprob[];
  finish?: { reason: FinishReason; native?: string; stopSequence?: string };
}

/** A complete answer. `choices` is ordered by index and holds at least one. */
export interface ChatAnswer {
  id?: string;
  model?: string;
  createdSeconds?: number;
  serviceTier?: string;
  systemFingerprint?: string;
  choices: AnswerChoice[];
  usage: Usage;
}

interface Building {
  choice: AnswerChoice;
  openReasoning: ReasoningPart | undefined;
  calls: Map<number, ToolCallPart>;
}

/** Gathers events into one answer. Throws the error when the events hold one. */
export function collectAnswer(events: Iterable<ChatEvent>): ChatAnswer {
  const answer: ChatAnswer = { choices: [], usage: noUsage };
  const building = new Map<number, Building>();
  for (const event of events) {
    switch (event.type) {
      case 'start': {
        const { type: _, ...facts } = event;
        Object.assign(answer, facts);
        break;
      }
      case 'usage':
        answer.usage = event.usage;
        break;
      case 'error':
        throw event.error;
      case 'ping':
        break;
      default:
        addToChoice(choiceOf(building, event.choice), event);
    }
  }
  if (building.size === 0) choiceOf(building, 0);
  answer.choices = [...building.values()].map(({ choice }) => choice).sort((a, b) => a.index - b.index);
  return answer;
}

function choiceOf(building: Map<number, Building>, index: number): Building {
  let found = building.get(index);
  if (!found) {
    found = { choice: { index, parts: [] }, openReasoning: undefined, calls: new Map() };
    building.set(index, found);
  }
  return found;
}

type ChoiceEvent = Exclude<ChatEvent, { type: 'start' | 'usage' | 'error' | 'ping' }>;

function addToChoice(state: Building, event: ChoiceEvent): void {
  const { choice } = state;
  const last = choice.parts.at(-1);
  switch (event.type) {
    case 'text-delta':
      if (last?.type === 'text') last.text += event.text;
      else choice.parts.push({ type: 'text', text: event.text });
      if (event.logprobs) choice.logprobs = [...(choice.logprobs ?? []), ...event.logprobs];
      break;
    case 'refusal-delta':
      if (last?.type === 'refusal') last.text += event.text;
      else choice.parts.push({ type: 'refusal', text: event.text } satisfies RefusalPart);
      break;
    case 'reasoning-delta': {
      const open = state.openReasoning ?? openReasoning(state);
      open.text += event.text;
      if (event.summary) open.summary = true;
      break;
    }
    case 'reasoning-end': {
      const open = state.openReasoning ?? openReasoning(state);
      if (event.signature) open.signature = event.signature;
      if (event.redacted !== undefined) open.redacted = event.redacted;
      if (event.id !== undefined) open.id = event.id;
      state.openReasoning = undefined;
      break;
    }
    case 'tool-call-start': {
      const call: ToolCallPart = { type: 'tool-call', id: event.id, name: event.name, arguments: '' };
      if (event.signature) call.signature = event.signature;
      state.calls.set(event.index, call);
      choice.parts.push(call);
      break;
    }
    case 'tool-call-delta': {
      const call = state.calls.get(event.index);
      if (!call)
        throw new SluiceError('upstream_invalid_answer', 'The provider sent arguments of a call it never began.');
      call.arguments += event.arguments;
      break;
    }
    case 'tool-call-end':
      break;
    case 'citation': {
      const text = choice.parts.findLast((part): part is TextPart => part.type === 'text') ?? pushText(choice);
      text.citations = [...(text.citations ?? []), event.citation];
      break;
    }
    case 'text-signature': {
      const text = last?.type === 'text' ? last : pushText(choice);
      text.signature = event.signature;
      break;
    }
    case 'media': {
      const { choice: _, ...part } = event;
      choice.parts.push(part);
      break;
    }
    case 'opaque':
      choice.parts.push({ type: 'opaque', wire: event.wire, what: event.what, value: event.value });
      break;
    case 'finish': {
      const { type: _, choice: __, ...finish } = event;
      choice.finish = finish;
      break;
    }
  }
}

function openReasoning(state: Building): ReasoningPart {
  const part: ReasoningPart = { type: 'reasoning', text: '' };
  state.choice.parts.push(part);
  state.openReasoning = part;
  return part;
}

function pushText(choice: AnswerChoice): TextPart {
  const part: TextPart = { type: 'text', text: '' };
  choice.parts.push(part);
  return part;
}
