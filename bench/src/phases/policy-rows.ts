import { measureProcessorUse, type Trial } from '../measure/processor-use.ts';
import type { Phase } from '../options.ts';
import type { Row } from '../report/row.ts';
import { concurrency, type Scale } from '../scale.ts';
import { jsonReply } from '../traffic.ts';
import type { World } from '../world.ts';
import { against, measureAdded, times, useRow } from './processor-rows.ts';

/**
 * JSON answers with limits, a budget and the exact cache on: questions that no cache can know, and one that it does; and the
 * same with guardrails. In turns with the bare proxy, which asks the mock for every one of them.
 */
export async function policyRows(world: World, only: ReadonlySet<Phase>, scale: Scale): Promise<Row[]> {
  const ask = (model: string, distinct: boolean) => ({
    question: { dialect: 'openai' as const, model, distinct },
    reply: jsonReply,
    concurrency,
    ...scale.policyJson,
  });
  const { openai } = world.gatewayModels;
  const policies: Trial[] = [
    { name: 'policies', subject: world.guarded, ...ask(openai, true) },
    { name: 'hit', subject: world.guarded, ...ask(openai, false), cached: true },
  ];
  const trials: Trial[] = [
    { name: 'bare', subject: world.bareJson, ...ask('tiny', true) },
    ...(only.has('policies') ? policies : []),
    ...(only.has('guardrails') ? [{ name: 'guardrails', subject: world.guardrails, ...ask(openai, true) }] : []),
  ];
  const uses = new Map((await measureProcessorUse(trials, scale.rounds, world)).map((use) => [use.name, use]));
  const added = await measureAdded(trials, ask('tiny', true), { world, scale });
  const bare = uses.get('bare')!;
  const row = (trial: string, name: string, target?: Row['target']): Row[] => {
    const use = uses.get(trial);
    if (!use) return [];
    return [{ ...against({ ...useRow(name, use, false), target }, [use, bare], 'x', times), ...added(trial) }];
  };
  return [
    { ...useRow('JSON, bare proxy (each different)', bare, false), ...added('bare') },
    ...row('policies', 'JSON, limits + budget + cache miss', { most: 2.2, unit: 'x' }),
    ...row('guardrails', 'JSON, the same + five guardrails'),
    ...row('hit', 'JSON, cache hit', { most: 1, unit: 'x' }),
  ];
}
