import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { canPin } from '../subjects/processors.ts';

/** What a result was measured on, without anything that names the machine or its folders. */
export interface Machine {
  processor: string;
  cores: number;
  memoryGb: number;
  kernel: string;
  bun: string;
  node: string;
  pinned: boolean;
  /** Load average of the last minute when the run began: what else was going on. */
  loadBefore: number;
}

/** Describes the machine that this runs on. */
export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() || 'unknown processor',
    cores: availableParallelism(),
    memoryGb: Math.round((totalmem() / 1024 ** 3) * 10) / 10,
    kernel: `${type()} ${release()}`,
    bun: Bun.version,
    node: wordsOf('node', '--version') ?? 'none',
    pinned: canPin(),
    loadBefore: loadavg()[0]!,
  };
}

/** The commit that is measured, with a `+` when files differ from it; `unknown` outside a checkout. */
export function describeCommit(): string {
  const commit = wordsOf('git', 'rev-parse', '--short=10', 'HEAD');
  if (commit === undefined) return 'unknown';
  const changed = wordsOf(
    'git',
    'status',
    '--porcelain',
    '--untracked-files=no',
    '--',
    'server',
    'shared',
    'bench/src',
  );
  return changed === '' ? commit : `${commit}+`;
}

/** The machine in one line. */
export function machineLine(machine: Machine): string {
  const { processor, cores, memoryGb, kernel, bun, node, pinned, loadBefore } = machine;
  const pinning = pinned ? 'subjects pinned to one core, mock and load to another' : 'not pinned';
  const load = `load ${loadBefore.toFixed(2)} at the start`;
  return `${processor}, ${cores} cores, ${memoryGb} GB, ${kernel}, Bun ${bun}, Node ${node}, ${pinning}, ${load}`;
}

function wordsOf(command: string, ...args: string[]): string | undefined {
  try {
    const cwd = join(import.meta.dirname, '../../..');
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined; // Not installed, or no checkout.
  }
}
