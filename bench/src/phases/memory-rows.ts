import { measureMemory } from '../measure/memory-under-streams.ts';
import type { Row } from '../report/row.ts';
import type { Scale } from '../scale.ts';
import type { World } from '../world.ts';

const megabyte = 1024 * 1024;

/** Resident memory at the height of many slow streams, above idle: the bare pipe for comparison, and the gateway. */
export async function memoryRows(world: World, scale: Scale): Promise<Row[]> {
  const roads = [
    { name: 'bare pipe', subject: world.barePipe, model: 'tiny' },
    { name: 'Sluice', subject: world.gateway('openai'), model: world.gatewayModels.openai },
  ];
  const rows: Row[] = [];
  for (const road of roads) {
    const { name, idleBytes, peakBytes, failure } = await measureMemory(road, scale.memory, world.load);
    rows.push({
      name: `memory of ${scale.memory.streams} streams, ${name}`,
      measured: peakBytes / megabyte,
      unit: 'MB',
      compared: { value: (peakBytes - idleBytes) / megabyte, unit: 'MB' },
      target: name === 'Sluice' ? { most: 150, unit: 'MB' } : undefined,
      detail: failure === undefined ? `idle ${(idleBytes / megabyte).toFixed(1)} MB` : undefined,
      failure,
    });
  }
  return rows;
}
