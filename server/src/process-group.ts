import type { ChildProcess } from 'node:child_process';
import { AggregatorRegistry } from 'prom-client';
import type { ToGroup, ToProcess } from './siblings.ts';

export interface ProcessGroupDeps {
  count: number;
  /** Starts process `number`, with a channel for messages. */
  spawn(number: number, options: { greets: boolean }): ChildProcess;
  log(level: 'info' | 'warn' | 'error', fields: object, text: string): void;
}

interface Member {
  number: number;
  child: ChildProcess;
  /** Resolves when it takes connections; rejects with its exit code when it ended before. */
  serving: Promise<void>;
  /** Resolves when it has ended. */
  ended: Promise<void>;
  /** It was told to end. */
  leaving: boolean;
  startedMs: number;
  heardMs: number;
}

const firstPauseMs = 100;
const longestPauseMs = 10_000;
/** A process that served so long did not fail at its start. */
const settledMs = 30_000;
const pingEveryMs = 5000;
/** A process whose event loop did not turn for so long is taken for dead: what the kernel deals out to it would hang. */
const silentMs = 30_000;
const gatherMs = 2000;

/** Several processes that serve one port: started, started again when they die, and replaced one by one when that is asked for. */
export function createProcessGroup({ count, spawn, log }: ProcessGroupDeps) {
  const members = new Map<number, Member>();
  const gatherings = new Map<number, { metrics: object[]; left: Set<Member>; done(): void }>();
  const failures = new Map<number, number>();
  let gathered = 0;
  let stopping = false;
  let rolling = false;

  function start(number: number, greets = false): Member {
    const child = spawn(number, { greets });
    const serving = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const now = performance.now();
    const member: Member = {
      number,
      child,
      serving: serving.promise,
      ended: ended.promise,
      leaving: false,
      startedMs: now,
      heardMs: now,
    };
    serving.promise.catch(() => {});
    members.set(number, member);
    child.on('message', (message: ToGroup) => {
      member.heardMs = performance.now();
      if (message.kind === 'serving') serving.resolve();
      else if (message.kind === 'gather') void gather(member, message.id);
      else if (message.kind === 'metrics') noteMetrics(member, message.id, message.metrics);
    });
    child.once('exit', (code, signal) => {
      members.delete(number);
      for (const id of gatherings.keys()) noteMetrics(member, id);
      serving.reject(new ProcessEnded(code ?? 1));
      ended.resolve();
      if (!member.leaving && !stopping) startAgain(member, { code, signal });
    });
    return member;
  }

  function startAgain({ number, startedMs }: Member, how: { code: number | null; signal: string | null }): void {
    const before = performance.now() - startedMs > settledMs ? 0 : (failures.get(number) ?? 0);
    failures.set(number, before + 1);
    const pauseMs = before === 0 ? 0 : Math.min(firstPauseMs * 2 ** (before - 1), longestPauseMs);
    // Before anything served, nothing that is started again would do better: the caller of `run` is told.
    if (!ran) return;
    log('error', { process: number, ...how, pauseMs }, 'a process ended; it is started again');
    setTimeout(() => {
      if (!stopping && !members.has(number)) start(number);
    }, pauseMs);
  }

  const send = ({ child }: Member, message: ToProcess) => child.connected && child.send(message);

  /** Asks all processes for their metrics, and answers the one that asked for them. */
  async function gather(asker: Member, id: number): Promise<void> {
    const round = ++gathered;
    const all = Promise.withResolvers<void>();
    const gathering = { metrics: [] as object[], left: new Set(members.values()), done: all.resolve };
    gatherings.set(round, gathering);
    for (const member of members.values())
      if (!send(member, { kind: 'report', id: round })) gathering.left.delete(member);
    if (gathering.left.size === 0) all.resolve();
    const patience = setTimeout(all.resolve, gatherMs);
    await all.promise;
    clearTimeout(patience);
    gatherings.delete(round);
    const text = await AggregatorRegistry.aggregate(gathering.metrics as never).metrics();
    send(asker, { kind: 'gathered', id, text });
  }

  function noteMetrics(member: Member, round: number, metrics?: object[]): void {
    const gathering = gatherings.get(round);
    if (!gathering?.left.delete(member)) return;
    if (metrics) gathering.metrics.push(metrics);
    if (gathering.left.size === 0) gathering.done();
  }

  const pinging = setInterval(() => {
    for (const member of members.values()) {
      send(member, { kind: 'ping' });
      if (performance.now() - member.heardMs < silentMs) continue;
      log('error', { process: member.number }, 'a process says nothing any more; it is killed');
      member.child.kill('SIGKILL');
    }
  }, pingEveryMs);
  pinging.unref?.();

  let ran = false;
  return {
    /** Starts all. Resolves when each serves; rejects with `ProcessEnded` when the first cannot. */
    async run(): Promise<void> {
      // Alone at first: it makes what all share (keys, tables), and says what is wrong once.
      await start(1, true).serving;
      ran = true;
      if (stopping) return;
      const others = Array.from({ length: count - 1 }, (_, at) => start(at + 2));
      await Promise.allSettled(others.map(({ serving }) => serving));
    },
    /** Starts a new process for each that runs, and ends the old one once the new one serves. */
    async replaceAll(): Promise<void> {
      if (rolling || stopping || !ran) return;
      rolling = true;
      log('info', { processes: members.size }, 'the processes are replaced one by one');
      try {
        for (const old of [...members.values()]) {
          if (stopping) return;
          let number = 1;
          while (members.has(number)) number += 1;
          await start(number).serving;
          await end(old);
        }
        log('info', { processes: members.size }, 'the processes are replaced');
      } catch (error) {
        log('error', { err: error }, 'a new process did not start; the others stay as they are');
      } finally {
        rolling = false;
      }
    },
    /** Passes a signal on to all. */
    signal(name: NodeJS.Signals): void {
      for (const { child } of members.values()) child.kill(name);
    },
    /** Ends all, each after what it runs. May be called again, which each process takes as it takes a second asking. */
    async stop(name: 'SIGTERM' | 'SIGINT'): Promise<void> {
      stopping = true;
      clearInterval(pinging);
      this.signal(name);
      await Promise.all([...members.values()].map(({ ended }) => ended));
    },
  };

  async function end(member: Member): Promise<void> {
    member.leaving = true;
    member.child.kill('SIGTERM');
    await member.ended;
  }
}

/** A process ended before it served; `code` is its exit code. */
export class ProcessEnded extends Error {
  constructor(readonly code: number) {
    super(`A process ended with ${code} before it served.`);
  }
}
