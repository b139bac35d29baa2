import { measureLatency, type Road } from '../measure/latency.ts';
import type { Phase } from '../options.ts';
import type { Row } from '../report/row.ts';
import type { Scale } from '../scale.ts';
import type { Subject } from '../subjects/subject.ts';
import { streamReply } from '../traffic.ts';
import type { World } from '../world.ts';

/** Time to the first byte of a stream, one caller at a time: the mock itself, and what each subject adds to it. */
export async function firstTokenRows(world: World, only: ReadonlySet<Phase>, scale: Scale): Promise<Row[]> {
  const stream = { paceMs: 0, events: 60 };
  const road = (name: string, subject: Subject, model = 'tiny'): Road => ({
    name: `first token, ${name}`,
    subject,
    question: { dialect: 'openai', model, stream },
    reply: streamReply('openai', stream.events),
  });
  const roads: Road[] = [
    road('straight to the mock', world.mock),
    road('bare pipe', world.barePipe),
    road('Sluice', world.gateway('openai'), world.gatewayModels.openai),
    ...(only.has('portkey') ? [road('Portkey', world.portkey)] : []),
  ];
  const timings = await measureLatency(roads, scale.firstToken, world.load);
  return timings.map(({ name, p50Ms, p99Ms, addedP50Ms, addedP99Ms, failure }, index) => ({
    name,
    ...(index > 0 && { addedP50Ms, addedP99Ms, compared: { value: addedP50Ms, unit: 'ms' as const } }),
    target: name === 'first token, Sluice' ? { most: 0.5, unit: 'ms' as const } : undefined,
    detail: failure === undefined ? `p50 ${p50Ms.toFixed(3)} ms, p99 ${p99Ms.toFixed(3)} ms` : undefined,
    failure,
  }));
}
