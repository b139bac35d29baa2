import { measureProcessorUse, type Trial } from '../measure/processor-use.ts';
import type { Phase } from '../options.ts';
import type { Row } from '../report/row.ts';
import { concurrency, type Scale } from '../scale.ts';
import { jsonReply } from '../traffic.ts';
import type { World } from '../world.ts';
import { against, measureAdded, times, useRow } from './processor-rows.ts';

/** JSON answers, OpenAI chat on both sides: the bare proxy, the gateway and its peers, in turns. */
export async function jsonRows(world: World, only: ReadonlySet<Phase>, scale: Scale): Promise<Row[]> {
  const ask = (model: string) => ({ question: { dialect: 'openai' as const, model }, reply: jsonReply, concurrency });
  const trials: Trial[] = [
    { name: 'bare', subject: world.bareJson, ...ask('tiny'), ...scale.json },
    { name: 'sluice', subject: world.gateway('openai'), ...ask(world.gatewayModels.openai), ...scale.json },
    ...(only.has('portkey') ? [{ name: 'portkey', subject: world.portkey, ...ask('tiny'), ...scale.peerJson }] : []),
    ...(only.has('llm-gateway')
      ? [{ name: 'llm-gateway', subject: world.llmGateway, ...ask('tiny'), ...scale.peerJson }]
      : []),
  ];
  const uses = new Map((await measureProcessorUse(trials, scale.rounds, world)).map((use) => [use.name, use]));
  const added = await measureAdded(trials, ask('tiny'), { world, scale });
  const [bare, sluice] = [uses.get('bare')!, uses.get('sluice')!];
  const [portkey, llmGateway] = [uses.get('portkey'), uses.get('llm-gateway')];
  const sluiceRow: Row = { ...useRow('JSON, Sluice', sluice, false), target: { most: 1.8, unit: 'x' } };
  const rows: Row[] = [
    { ...useRow('JSON, bare proxy', bare, false), ...added('bare') },
    { ...against(sluiceRow, [sluice, bare], 'x', times), ...added('sluice') },
  ];
  if (portkey) {
    const row: Row = { ...useRow('JSON, Portkey against Sluice', portkey, false), target: { least: 10, unit: 'x' } };
    rows.push({ ...against(row, [portkey, sluice], 'x', times), ...added('portkey') });
  }
  if (llmGateway) {
    const row = useRow('JSON, LLM Gateway against Sluice', llmGateway, false);
    rows.push({ ...against(row, [llmGateway, sluice], 'x', times), ...added('llm-gateway') });
  }
  return rows;
}
