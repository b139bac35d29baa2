import { measureProcessorUse, type ProcessorUse, type Trial } from '../measure/processor-use.ts';
import type { Phase } from '../options.ts';
import type { Row } from '../report/row.ts';
import { concurrency, type Scale } from '../scale.ts';
import { type Dialect, streamReply } from '../traffic.ts';
import type { World } from '../world.ts';
import { against, times, useRow } from './processor-rows.ts';

const events = 60;

interface Settings {
  only: ReadonlySet<Phase>;
  scale: Scale;
  paceMs: number;
}

/**
 * Streams of 60 events, in turns: the bare pipe, the gateway on one wire, across two and with guardrails, and Portkey.
 * LLM Gateway is not among them: where events arrive close together, it sends their text more than once.
 */
export async function streamRows(world: World, { only, scale, paceMs }: Settings): Promise<Row[]> {
  const ask = (dialect: Dialect, model: string, upstream: Dialect) => ({
    question: { dialect, model, stream: { paceMs, events } },
    reply: streamReply(upstream, events),
    concurrency,
  });
  const { openai, anthropic } = world.gatewayModels;
  const guarded = ask('openai', openai, 'openai');
  const acrossToAnthropic = anthropic === undefined ? { failure: 'give --cross-model' } : world.gateway('openai');
  const cross: Trial[] = [
    { name: 'in', subject: world.gateway('anthropic'), ...ask('anthropic', openai, 'openai'), ...scale.stream },
    { name: 'out', subject: acrossToAnthropic, ...ask('openai', anthropic ?? '', 'anthropic'), ...scale.stream },
  ];
  const trials: Trial[] = [
    { name: 'bare', subject: world.barePipe, ...ask('openai', 'tiny', 'openai'), ...scale.stream },
    { name: 'sluice', subject: world.gateway('openai'), ...ask('openai', openai, 'openai'), ...scale.stream },
    ...(only.has('portkey')
      ? [{ name: 'portkey', subject: world.portkey, ...ask('openai', 'tiny', 'openai'), ...scale.peerStream }]
      : []),
    ...(only.has('guardrails')
      ? [
          {
            name: 'guardrails',
            subject: world.guardrails,
            ...guarded,
            question: { ...guarded.question, distinct: true },
            ...scale.stream,
          },
        ]
      : []),
    ...(only.has('cross') ? cross : []),
  ];
  const uses = new Map((await measureProcessorUse(trials, scale.rounds, world)).map((use) => [use.name, use]));
  const [bare, sluice] = [uses.get('bare')!, uses.get('sluice')!];
  const [inward, outward, portkey, guardrails] = ['in', 'out', 'portkey', 'guardrails'].map((name) => uses.get(name));
  const sluiceRow: Row = { ...useRow('stream, Sluice', sluice, true), target: { most: 1.7, unit: 'x' } };
  const rows: Row[] = [useRow('stream, bare pipe', bare, true), against(sluiceRow, [sluice, bare], 'x', times)];
  if (inward) rows.push(crossRow('stream, Anthropic in, OpenAI out', inward, sluice));
  if (outward) rows.push(crossRow('stream, OpenAI in, Anthropic out', outward, sluice));
  // No target: Portkey holds each stream back for its 25 ms and then sends most of it at once, which is cheaper by itself.
  const held: [string, ProcessorUse | undefined][] = [
    ['stream, policies + five guardrails against Sluice', guardrails],
    ['stream, Portkey against Sluice', portkey],
  ];
  for (const [name, use] of held) {
    if (use) rows.push(against(useRow(name, use, true), [use, sluice], 'x', times));
  }
  return rows;
}

function crossRow(name: string, use: ProcessorUse, sameWire: ProcessorUse): Row {
  const perEvent = (us: number, sameWireUs: number) => (us - sameWireUs) / events;
  const row: Row = { ...useRow(name, use, true), target: { most: 4, unit: 'us/event' } };
  return against(row, [use, sameWire], 'us/event', perEvent);
}
