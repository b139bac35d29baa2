import { type CallContext, type ChatCall, createAnswerFacts } from '../core/call.ts';
import type { ChatEvent } from '../core/chat-event.ts';
import type { Frame, Frames } from '../core/frame.ts';
import { noUsage, type Usage } from '../core/usage.ts';
import type { WireName } from '../core/wire-name.ts';

/** Wires that give one answer a request, whatever is asked. */
export const singleChoiceWires: ReadonlySet<WireName> = new Set([
  'anthropic-messages',
  'openai-responses',
  'bedrock-converse',
]);

type CallOne = (call: ChatCall, context: CallContext) => Frames | Promise<Frames>;

/**
 * n choices from a provider that gives one: n calls at once, their events merged as choices 0 to n-1, their usage added up.
 * One that fails fails the whole, as it would at a provider that knows n.
 */
export async function* fanOut(
  call: ChatCall,
  context: CallContext,
  wire: WireName,
  callOne: CallOne,
): AsyncGenerator<Frame, void, undefined> {
  const one: ChatCall = { ...call, raw: undefined, request: { ...call.request, n: 1 } };
  const runs = Array.from({ length: call.request.n }, (_, choice) => {
    const facts = createAnswerFacts();
    return { choice, facts, frames: begun(callOne(one, { ...context, facts })) };
  });
  const waiting = new Map(runs.map((run) => [run, nextOf(run)]));
  const whole: ChatEvent[] = [];
  try {
    // The first choice opens the answer: its id and model come before anything of the others.
    await waiting.get(runs[0]!);
    while (waiting.size > 0) {
      const { run, result } = await Promise.race(waiting.values());
      if (result.done) {
        waiting.delete(run);
        continue;
      }
      const events = renumber(result.value.events(), run.choice);
      waiting.set(run, nextOf(run));
      if (!call.stream) whole.push(...events);
      else if (events.length > 0) yield mergedFrame(wire, events);
    }
    yield mergedFrame(wire, [...whole, { type: 'usage', usage: sumUsage(runs.map(({ facts }) => facts.usage)) }]);
  } finally {
    const { facts } = context;
    await Promise.all(runs.map(({ frames }) => frames.return().catch(() => {})));
    facts.usage = sumUsage(runs.map((run) => run.facts.usage));
    facts.losses = runs[0]?.facts.losses ?? [];
    facts.finish = runs[0]?.facts.finish;
    facts.wire = wire;
  }
}

async function* begun(frames: Frames | Promise<Frames>): Frames {
  yield* await frames;
}

interface Run {
  choice: number;
  frames: Frames;
}

function nextOf<R extends Run>(run: R) {
  const next = run.frames.next().then((result) => ({ run, result }));
  // A failure is met when its turn to be read comes; until then it is nobody's.
  next.catch(() => {});
  return next;
}

/** The first choice tells the answer's id and model; usage is told once, at the end. */
function renumber(events: ChatEvent[], choice: number): ChatEvent[] {
  const kept: ChatEvent[] = [];
  for (const event of events) {
    if (event.type === 'usage' || (event.type === 'start' && choice > 0)) continue;
    kept.push('choice' in event ? { ...event, choice } : event);
  }
  return kept;
}

function sumUsage(parts: (Usage | undefined)[]): Usage {
  const sum: Usage = { ...noUsage };
  for (const part of parts) {
    if (!part) continue;
    for (const bucket of Object.keys(noUsage) as (keyof typeof noUsage)[]) {
      (sum[bucket] as number) += (part[bucket] as number | undefined) ?? 0;
    }
    if (part.estimated) sum.estimated = true;
    if (part.reportedCostUsd !== undefined) sum.reportedCostUsd = (sum.reportedCostUsd ?? 0) + part.reportedCostUsd;
  }
  return sum;
}

const nothing = new Uint8Array(0);
const mergedFrame = (wire: WireName, events: ChatEvent[]): Frame => ({ wire, bytes: nothing, events: () => events });
