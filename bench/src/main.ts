import { type Options, parseOptions, usage } from './options.ts';
import { firstTokenRows } from './phases/first-token-rows.ts';
import { jsonRows } from './phases/json-rows.ts';
import { memoryRows } from './phases/memory-rows.ts';
import { policyRows } from './phases/policy-rows.ts';
import { streamRows } from './phases/stream-rows.ts';
import { describeMachine, formatDocument } from './report/document.ts';
import { judge, type Row } from './report/row.ts';
import { formatTable } from './report/table.ts';
import { fullScale, quickScale } from './scale.ts';
import { startWorld, type World } from './world.ts';

process.exitCode = await main(process.argv.slice(2));

/** Runs the benchmark and prints it; returns the exit code. */
async function main(args: string[]): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  if (process.platform !== 'linux') {
    console.error('The benchmark reads processor time and memory from /proc, which only Linux has.');
    return 2;
  }
  const world = await startWorld(options);
  const stopEarly = () => world.stop().finally(() => process.exit(130));
  process.once('SIGINT', stopEarly).once('SIGTERM', stopEarly);
  try {
    const rows = await measure(world, options);
    const { quick, paceMs } = options;
    if (options.json) console.log(formatDocument(rows, { quick, paceMs, only: [...options.only] }));
    else console.log(`${describeMachine()}\n\n${formatTable(rows)}`);
    const missed = rows.some((row) => ['FAIL', 'NOT MEASURED'].includes(judge(row)));
    return options.assert && missed ? 1 : 0;
  } finally {
    process.off('SIGINT', stopEarly).off('SIGTERM', stopEarly);
    await world.stop();
  }
}

async function measure(world: World, { only, quick, paceMs }: Options): Promise<Row[]> {
  const scale = quick ? quickScale : fullScale;
  const any = (...names: Parameters<typeof only.has>[0][]) => names.some((name) => only.has(name));
  const tell = (what: string) => console.error(`measuring ${what} ...`);
  const rows: Row[] = [];
  // Memory goes first: after the other phases the heap has grown already and would not show what the streams need.
  if (any('memory')) {
    tell('memory under slow streams');
    rows.push(...(await memoryRows(world, scale)));
  }
  if (any('json', 'portkey')) {
    tell('JSON answers');
    rows.push(...(await jsonRows(world, only, scale)));
  }
  if (any('policies')) {
    tell('policies and the cache');
    rows.push(...(await policyRows(world, scale)));
  }
  if (any('stream', 'cross', 'portkey')) {
    tell('streams');
    rows.push(...(await streamRows(world, { only, scale, paceMs })));
  }
  if (any('ttft')) {
    tell('time to the first token');
    rows.push(...(await firstTokenRows(world, only, scale)));
  }
  return rows;
}
