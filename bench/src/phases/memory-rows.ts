import { median, quantile } from '../measure/statistics.ts';
import { measureStreamsAtOnce, type StreamsAtOnce } from '../measure/streams-at-once.ts';
import type { Phase } from '../options.ts';
import type { Row } from '../report/row.ts';
import type { Scale } from '../scale.ts';
import type { World } from '../world.ts';
import { megabyte } from './processor-rows.ts';

/**
 * Many slow streams at once: resident memory at their height above idle, and what each subject adds to the gap between two
 * events as the mock alone sends them. The bare pipe for comparison, and the gateway.
 */
export async function memoryRows(world: World, only: ReadonlySet<Phase>, scale: Scale): Promise<Row[]> {
  const counts = [...(only.has('memory') ? [500] : []), ...(only.has('thousand') ? [1000] : [])];
  const shape = { counts, seconds: scale.memorySeconds };
  const straight = await measureStreamsAtOnce({ subject: world.mock, model: 'tiny' }, shape, world.load);
  const pipe = await measureStreamsAtOnce({ subject: world.barePipe, model: 'tiny' }, shape, world.load);
  const gateway = { subject: world.gateway('openai'), model: world.gatewayModels.openai };
  const sluice = await measureStreamsAtOnce(gateway, shape, world.load);
  return counts.flatMap((streams, index) => [
    streamsRow(`${streams} streams at once, bare pipe`, pipe[index]!, straight[index]!),
    {
      ...streamsRow(`${streams} streams at once, Sluice`, sluice[index]!, straight[index]!),
      target: streams === 500 ? { most: 150, unit: 'MB' as const } : undefined,
    },
  ]);
}

function streamsRow(name: string, use: StreamsAtOnce, straight: StreamsAtOnce): Row {
  if (use.failure !== undefined) return { name, failure: use.failure };
  const { idleBytes, peakBytes, gapMs, firstByteMs } = use;
  return {
    name,
    memoryMb: peakBytes / megabyte,
    addedP50Ms: median(gapMs) - median(straight.gapMs),
    addedP99Ms: quantile(gapMs, 0.99) - quantile(straight.gapMs, 0.99),
    compared: { value: (peakBytes - idleBytes) / megabyte, unit: 'MB' },
    detail: `idle ${(idleBytes / megabyte).toFixed(0)} MB; added: between events; first byte of all at once p99 ${quantile(firstByteMs, 0.99).toFixed(0)} ms, straight ${quantile(straight.firstByteMs, 0.99).toFixed(0)} ms`,
  };
}
