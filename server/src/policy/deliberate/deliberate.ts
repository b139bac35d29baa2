import type { CallContext, ChatCall } from '../../core/call.ts';
import { collectAnswer } from '../../core/chat-answer.ts';
import type { Message } from '../../core/chat-request.ts';
import { deliberates } from '../../core/deliberation.ts';
import { discardAnswer } from '../../core/discarded.ts';
import type { Frame, Frames } from '../../core/frame.ts';
import { textOf } from '../ask-about.ts';
import type { Next, Policy } from '../pipeline.ts';

const criticise =
  'Look at your answer as a critical expert would. Name every mistake, gap and unclear point, and what would make it better. Do not write the answer again. If nothing can be improved, say NOTHING.';
const revise =
  'Now give the final answer to my question, with all of this mended. Do not mention the draft or the critique, and keep to the form that I asked for.';

/**
 * In the mode `ultra-think` a model drafts an answer, criticises it, and gives the answer: three calls, all charged, of which the last one
 * streams. A draft that its critique finds nothing in is the answer. See Madaan et al., Self-Refine, arXiv 2303.17651.
 */
export const deliberate = (): Policy =>
  function deliberate(call, context, next) {
    return call.operation === 'chat' && deliberates(call) ? think(call, context, next) : next(call, context);
  };

async function* think(call: ChatCall, context: CallContext, next: Next): Frames {
  const { facts } = context;
  const drafting = await gather(call, context, next);
  const draft = textOf(drafting.answer.choices[0]?.parts ?? []);
  const finish = drafting.answer.choices[0]?.finish?.reason;
  // A refusal, or an answer that was cut short, is not made better by being talked about.
  if (draft.trim() === '' || (finish !== undefined && finish !== 'stop' && finish !== 'stop-sequence')) {
    yield* drafting.frames;
    return;
  }
  const drafted: Message[] = [...call.request.messages, message('assistant', draft)];
  const { model, modelInfo, provider, usage, finish: ended, complete, discarded } = facts;
  const given = { model, modelInfo, provider, usage, finish: ended, complete };
  const before = [...discarded];
  discardAnswer(facts);
  const criticism = await gather(inWords(call, [...drafted, message('user', criticise)]), context, next);
  const critique = textOf(criticism.answer.choices[0]?.parts ?? []);
  if (/^\W*nothing\W*$/i.test(critique)) {
    // Then the critique is what is not given.
    facts.discarded = before;
    discardAnswer(facts);
    Object.assign(facts, given);
    facts.route = `${facts.route ?? ''}; draft, critique`;
    yield* drafting.frames;
    return;
  }
  discardAnswer(facts);
  const messages = [...drafted, message('user', criticise), message('assistant', critique), message('user', revise)];
  let told = false;
  for await (const frame of next({ ...call, raw: undefined, request: { ...call.request, messages } }, context)) {
    if (!told) facts.route = `${facts.route ?? ''}; draft, critique, revision`;
    told = true;
    yield frame;
  }
}

/** The call as one that asks for words in one piece: neither the form of the answer nor its length bind what is only said in between. */
function inWords(call: ChatCall, messages: Message[]): ChatCall {
  const { responseFormat: _, stop: __, logprobs: ___, ...request } = call.request;
  return { ...call, raw: undefined, stream: false, request: { ...request, messages, stop: [], stream: false } };
}

async function gather(call: ChatCall, context: CallContext, next: Next) {
  const frames: Frame[] = [];
  for await (const frame of next(call, context)) frames.push(frame);
  if (context.facts.error) throw context.facts.error;
  return { frames, answer: collectAnswer(frames.flatMap((frame) => frame.events())) };
}

const message = (role: Message['role'], text: string): Message => ({ role, parts: [{ type: 'text', text }] });
