import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Options, type Phase, parseOptions, usage } from './options.ts';
import { floodRows, longPromptRows } from './phases/beside-rows.ts';
import { firstTokenRows } from './phases/first-token-rows.ts';
import { jsonRows } from './phases/json-rows.ts';
import { memoryRows } from './phases/memory-rows.ts';
import { policyRows } from './phases/policy-rows.ts';
import { streamRows } from './phases/stream-rows.ts';
import { type BenchDocument, formatDocument } from './report/document.ts';
import { describeCommit, describeMachine, machineLine } from './report/machine.ts';
import { withResult } from './report/performance-page.ts';
import { readNewestResult, readResult, saveResult } from './report/results.ts';
import { judge, type Row } from './report/row.ts';
import { formatTable } from './report/table.ts';
import { fullScale, quickScale } from './scale.ts';
import { startWorld, type World } from './world.ts';

const page = join(import.meta.dirname, '../../docs/performance.md');

const [command, ...rest] = process.argv.slice(2);
process.exitCode = command === 'report' ? await report(rest) : await main(process.argv.slice(2));

/** Writes a result's table into the performance page; returns the exit code. */
async function report([file, ...more]: string[]): Promise<number> {
  try {
    if (more.length > 0) throw new Error(`report takes one file at most\n\n${usage}`);
    const document = file === undefined ? await readNewestResult() : await readResult(file);
    await writeFile(page, withResult(await readFile(page, 'utf8'), document));
    console.log(`docs/performance.md now shows the run of ${document.date} at ${document.commit}.`);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
}

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
  const atMs = performance.now();
  const begun = { date: new Date().toISOString(), commit: describeCommit(), machine: describeMachine() };
  const world = await startWorld(options);
  let interrupted = false;
  const stopEarly = () => {
    interrupted = true; // What fails from now on was not measured, and is neither shown nor kept.
    world.stop().finally(() => process.exit(130));
  };
  process.once('SIGINT', stopEarly).once('SIGTERM', stopEarly);
  try {
    const rows = await measure(world, options);
    if (interrupted) return 130;
    const { quick, paceMs, only } = options;
    const seconds = Math.round((performance.now() - atMs) / 1000);
    const settings = { quick, paceMs, only: [...only] };
    await tell({ format: 1, ...begun, settings, seconds, rows }, options);
    const missed = rows.some((row) => ['FAIL', 'NOT MEASURED'].includes(judge(row)));
    return options.assert && missed ? 1 : 0;
  } finally {
    process.off('SIGINT', stopEarly).off('SIGTERM', stopEarly);
    await world.stop();
  }
}

async function tell(document: BenchDocument, { json, save }: Options): Promise<void> {
  if (json) process.stdout.write(formatDocument(document));
  else console.log(`${machineLine(document.machine)}\n\n${formatTable(document.rows)}`);
  if (save) console.error(`kept as bench/results/${await saveResult(document)}`);
}

async function measure(world: World, { only, quick, paceMs }: Options): Promise<Row[]> {
  const scale = quick ? quickScale : fullScale;
  // Memory goes first: after the other phases the heap has grown already and would not show what the streams need.
  const steps: { what: string; for: Phase[]; rows: () => Promise<Row[]> }[] = [
    { what: 'memory under slow streams', for: ['memory', 'thousand'], rows: () => memoryRows(world, only, scale) },
    { what: 'JSON answers', for: ['json', 'portkey', 'llm-gateway'], rows: () => jsonRows(world, only, scale) },
    { what: 'policies and the cache', for: ['policies', 'guardrails'], rows: () => policyRows(world, only, scale) },
    {
      what: 'streams',
      for: ['stream', 'cross', 'guardrails', 'portkey'],
      rows: () => streamRows(world, { only, scale, paceMs }),
    },
    { what: 'time to the first token', for: ['ttft'], rows: () => firstTokenRows(world, only, scale) },
    { what: 'streams beside long prompts', for: ['long'], rows: () => longPromptRows(world, scale) },
    { what: 'a flood of wrong keys', for: ['flood'], rows: () => floodRows(world, scale) },
  ];
  const rows: Row[] = [];
  for (const step of steps) {
    if (!step.for.some((phase) => only.has(phase))) continue;
    const startedAt = performance.now();
    console.error(`measuring ${step.what} ...`);
    rows.push(...(await step.rows()));
    console.error(`  ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  }
  return rows;
}
