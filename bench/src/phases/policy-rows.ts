import { measureProcessorUse, type Trial } from '../measure/processor-use.ts';
import type { Row } from '../report/row.ts';
import { concurrency, type Scale } from '../scale.ts';
import { jsonReply } from '../traffic.ts';
import type { World } from '../world.ts';
import { against, times, useRow } from './processor-rows.ts';

/**
 * JSON answers with limits, a budget and the exact cache on: questions that no cache can know, and one that it does. In turns
 * with the bare proxy, which asks the mock for every one of them.
 */
export async function policyRows(world: World, scale: Scale): Promise<Row[]> {
  const ask = (model: string, distinct: boolean) => ({
    question: { dialect: 'openai' as const, model, distinct },
    reply: jsonReply,
    concurrency,
    ...scale.json,
  });
  const { openai } = world.gatewayModels;
  const trials: Trial[] = [
    { name: 'bare', subject: world.bareJson, ...ask('tiny', true) },
    { name: 'policies', subject: world.guarded, ...ask(openai, true) },
    { name: 'hit', subject: world.guarded, ...ask(openai, false), cached: true },
  ];
  const [bare, policies, hit] = await measureProcessorUse(trials, scale.rounds, world);
  return [
    useRow('JSON, bare proxy (each different)', bare!, false),
    against(
      { ...useRow('JSON, limits + budget + cache miss', policies!, false), target: { most: 2.2, unit: 'x' } },
      [policies!, bare!],
      'x',
      times,
    ),
    against({ ...useRow('JSON, cache hit', hit!, false), target: { most: 1, unit: 'x' } }, [hit!, bare!], 'x', times),
  ];
}
