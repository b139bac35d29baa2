import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Processor time of a process, its threads and its living descendants since each began. */
export interface ProcessorTime {
  /** From the scheduler, of the threads that live now: exact, and blind to threads that have ended. */
  scheduledUs: number;
  /** utime + stime: of all threads ever, to one clock tick. */
  tickedUs: number;
}

/** A clock tick of /proc is 10 ms on every Linux that Node and Bun run on (USER_HZ is 100). */
const tickUs = 10_000;

/** Reads the processor time so far of a process and its descendants; throws when the process is gone. */
export function readProcessorTime(pid: number): ProcessorTime {
  let scheduledUs = 0;
  let tickedUs = 0;
  for (const member of processTree(pid)) {
    tickedUs += parseTicks(readFileSync(`/proc/${member}/stat`, 'utf8')) * tickUs;
    for (const thread of listThreads(member)) {
      const schedule = readIfThere(`/proc/${member}/task/${thread}/schedstat`);
      if (schedule) scheduledUs += Number(schedule.split(' ')[0]) / 1000;
    }
  }
  return { scheduledUs, tickedUs };
}

/**
 * Microseconds of processor time between two readings. The scheduler's figure, unless it falls short of the ticks by more
 * than their grain: then a thread ended in between and took its figure along, or the kernel keeps none.
 */
export function processorTimeBetween(before: ProcessorTime, after: ProcessorTime): number {
  const scheduledUs = after.scheduledUs - before.scheduledUs;
  const tickedUs = after.tickedUs - before.tickedUs;
  return scheduledUs < tickedUs - 2 * tickUs ? tickedUs : scheduledUs;
}

/** Resident memory of a process and its descendants in bytes (VmRSS); throws when the process is gone. */
export function readResidentBytes(pid: number): number {
  return processTree(pid).reduce((sum, member) => {
    const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${member}/status`, 'utf8'))?.[1];
    return sum + Number(kilobytes ?? 0) * 1024;
  }, 0);
}

/** utime + stime + cutime + cstime in ticks out of a line of /proc/pid/stat (proc(5)); the name may hold anything. */
export function parseTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}

function processTree(pid: number): number[] {
  if (!existsSync(`/proc/${pid}/stat`)) throw new Error(`process ${pid} is gone`);
  const children = listThreads(pid).flatMap((thread) =>
    (readIfThere(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.filter((child) => existsSync(`/proc/${child}/stat`)).flatMap(processTree)];
}

function listThreads(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // The thread has ended since it was listed.
  }
}
