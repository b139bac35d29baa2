import { measureFirstToken, type Road } from '../measure/first-token.ts';
import type { Phase } from '../options.ts';
import type { Row } from '../report/row.ts';
import type { Scale } from '../scale.ts';
import type { World } from '../world.ts';

/** Time to the first byte of a stream, one caller at a time: the mock itself, and what each subject adds to it. */
export async function firstTokenRows(world: World, only: ReadonlySet<Phase>, scale: Scale): Promise<Row[]> {
  const roads: Road[] = [
    { name: 'first token, straight to the mock', subject: world.mock, model: 'tiny' },
    { name: 'first token, bare pipe', subject: world.barePipe, model: 'tiny' },
    { name: 'first token, Sluice', subject: world.gateway('openai'), model: world.gatewayModels.openai },
    ...(only.has('portkey') ? [{ name: 'first token, Portkey', subject: world.portkey, model: 'tiny' }] : []),
  ];
  const timings = await measureFirstToken(roads, scale.firstToken, world.load);
  return timings.map(({ name, p50Ms, p99Ms, addedP50Ms, failure }, index) => ({
    name,
    measured: p50Ms,
    unit: 'ms',
    compared: index === 0 ? undefined : { value: addedP50Ms, unit: 'ms' },
    target: name === 'first token, Sluice' ? { most: 0.5, unit: 'ms' } : undefined,
    detail: failure === undefined ? `p50; p99 ${p99Ms.toFixed(3)} ms` : undefined,
    failure,
  }));
}
