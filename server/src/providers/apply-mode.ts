import type { ChatCall } from '../core/call.ts';
import type { ChatRequest, Message, ReasoningRequest } from '../core/chat-request.ts';
import type { Mode } from '../core/mode.ts';
import type { ModelInfo } from '../core/model-info.ts';
import type { WireName } from '../core/wire-name.ts';

/** Wires whose models think only when they are asked to. */
const silentWires: ReadonlySet<WireName> = new Set(['anthropic-messages', 'bedrock-converse']);

const planning =
  'Before you answer, work out a plan: the steps that the task needs, and what could go wrong. Follow it, check the result, and then give the answer.';

/**
 * The call as its mode wants it of one model: less thinking for `flash`, more for the others, and a planning prompt for a model that
 * has no thinking of its own. What the caller said of thinking goes before the mode. A call that is not changed keeps its own bytes.
 */
export function applyMode(call: ChatCall, info: ModelInfo, wire: WireName): ChatCall {
  const { mode, request } = call;
  if (mode === undefined || request.reasoning !== undefined) return call;
  if (info.capabilities?.includes('reasoning'))
    return { ...call, raw: undefined, request: { ...request, reasoning: reasoningOf(mode, wire) } };
  if (mode === 'flash' || !mayPlan(request)) return call;
  return { ...call, raw: undefined, request: { ...request, messages: withPlanning(request.messages) } };
}

function reasoningOf(mode: Mode, wire: WireName): ReasoningRequest {
  switch (mode) {
    case 'flash':
      // `low` is the least that every model of the other wires takes.
      return silentWires.has(wire) ? { enabled: false } : { effort: 'low' };
    case 'think':
      return { effort: 'medium' };
    case 'ultra-think':
      return { effort: 'high' };
  }
}

/** A plan written out would stand in the way of an answer with a form, and of a tool's result. */
const mayPlan = ({ responseFormat, tools, maxOutputTokens }: ChatRequest): boolean =>
  (responseFormat === undefined || responseFormat.type === 'text') &&
  tools.length === 0 &&
  (maxOutputTokens === undefined || maxOutputTokens >= 512);

/** Behind the caller's own instructions, so that a warm prompt cache of theirs stays warm. */
function withPlanning(messages: readonly Message[]): Message[] {
  const first = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  const at = first === -1 ? messages.length : first;
  return [
    ...messages.slice(0, at),
    { role: 'system', parts: [{ type: 'text', text: planning }] },
    ...messages.slice(at),
  ];
}
