import { measureProcessorUse, type Trial } from '../measure/processor-use.ts';
import type { Phase } from '../options.ts';
import type { Row } from '../report/row.ts';
import { concurrency, type Scale } from '../scale.ts';
import { jsonReply } from '../traffic.ts';
import type { World } from '../world.ts';
import { against, times, useRow } from './processor-rows.ts';

/** JSON answers, OpenAI chat on both sides: the bare proxy, the gateway and Portkey, in turns. */
export async function jsonRows(world: World, only: ReadonlySet<Phase>, scale: Scale): Promise<Row[]> {
  const ask = (model: string) => ({ question: { dialect: 'openai' as const, model }, reply: jsonReply, concurrency });
  const trials: Trial[] = [
    { name: 'bare', subject: world.bareJson, ...ask('tiny'), ...scale.json },
    { name: 'sluice', subject: world.gateway('openai'), ...ask(world.gatewayModels.openai), ...scale.json },
    ...(only.has('portkey') ? [{ name: 'portkey', subject: world.portkey, ...ask('tiny'), ...scale.portkeyJson }] : []),
  ];
  const [bare, sluice, portkey] = await measureProcessorUse(trials, scale.rounds, world);
  const rows: Row[] = [
    useRow('JSON, bare proxy', bare!, false),
    against(
      { ...useRow('JSON, Sluice', sluice!, false), target: { most: 1.8, unit: 'x' } },
      [sluice!, bare!],
      'x',
      times,
    ),
  ];
  if (portkey) {
    const row: Row = { ...useRow('JSON, Portkey against Sluice', portkey, false), target: { least: 10, unit: 'x' } };
    rows.push(against(row, [portkey, sluice!], 'x', times));
  }
  return rows;
}
