import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadClient, startLoadClient } from './load/load-client.ts';
import { failureText } from './measure/failure-text.ts';
import type { Options, Phase } from './options.ts';
import type { Child } from './subjects/child-process.ts';
import { startGateway, startGuardedGateway } from './subjects/gateway.ts';
import { startLlmGateway } from './subjects/llm-gateway.ts';
import { startOwnServer } from './subjects/own-service.ts';
import { startPortkey } from './subjects/portkey.ts';
import type { Subject } from './subjects/subject.ts';
import type { Dialect } from './traffic.ts';

/** Everything that runs during a measurement. A subject that could not be started is there with its reason. */
export interface World {
  load: LoadClient;
  /** A second load generator, for what goes on beside the calls that are timed. */
  crowd: LoadClient;
  upstreamCalls: () => Promise<number>;
  mock: Subject;
  bareJson: Subject;
  barePipe: Subject;
  /** The gateway, with the credentials as the dialect's own clients send them. */
  gateway: (inbound: Dialect) => Subject;
  gatewayModels: { openai: string; anthropic?: string };
  /** A second gateway of the checkout with limits, a budget and the exact cache on. */
  guarded: Subject;
  /** A third one, with guardrails besides. */
  guardrails: Subject;
  portkey: Subject;
  llmGateway: Subject;
  /** Ends every process and removes the run's folder. */
  stop: () => Promise<void>;
}

interface RunningGateway {
  base: string;
  key: string;
  models: { openai: string; anthropic?: string };
  pid?: number;
}

/** A subject that answers to its own headers, or to a key of the gateway. */
type StartedSubject = { child: Child; base: string } & ({ headers: Record<string, string> } | { key: string });

const headersOf = (started: StartedSubject) =>
  'headers' in started ? started.headers : credentials('openai', started.key);

/** Starts the mock, the bare proxy, the load generators, the gateway and what else the run's phases need. */
export async function startWorld(options: Options): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-bench-run-'));
  const children: Child[] = [];
  const stop = async () => {
    await Promise.all(children.map((child) => child.stop()));
    await rm(directory, { recursive: true, force: true });
  };
  const keep = <Started extends { child: Child }>(started: Started): Started => {
    children.push(started.child);
    return started;
  };
  try {
    const mockOptions = { script: 'subjects/mock-upstream.ts', args: [String(options.mockPort)] };
    const mock = keep(await startOwnServer({ ...mockOptions, role: 'load', logDirectory: directory }));
    const bareOptions = { script: 'subjects/bare-proxy.ts', args: [mock.base] };
    const bare = keep(await startOwnServer({ ...bareOptions, role: 'subject', logDirectory: directory }));
    const load = keep(await startLoadClient(directory));
    const crowd = keep(await startLoadClient(directory));

    const gateway = await attempt(async (): Promise<RunningGateway> => {
      if (options.running) {
        const { base, key, model, crossModel, pid } = options.running;
        return { base: base.href, key, models: { openai: model, anthropic: crossModel }, pid };
      }
      const started = keep(
        await startGateway({
          mockBase: mock.base,
          directory,
          command: options.command,
          databaseUrl: options.databaseUrl,
        }),
      );
      return { ...started, pid: started.child.pid };
    }, 'the gateway did not start');
    /** Starts what a phase needs, and only for that phase. */
    const subjectFor = async (phase: Phase, what: string, start: () => Promise<StartedSubject>): Promise<Subject> => {
      if (!options.only.has(phase)) return { failure: `${what}: not asked for` };
      const started = await attempt(async () => keep(await start()), what);
      if ('failure' in started) return started;
      return { target: { base: started.base, headers: headersOf(started) }, pid: started.child.pid };
    };
    const surroundings = { mockBase: mock.base, directory };

    return {
      load,
      crowd,
      upstreamCalls: async () => {
        const counted = (await (await fetch(`${mock.base}/calls`)).json()) as { calls: number };
        return counted.calls;
      },
      mock: { target: { base: mock.base, headers: {} }, pid: mock.child.pid },
      bareJson: { target: { base: `${bare.base}/json`, headers: {} }, pid: bare.child.pid },
      barePipe: { target: { base: `${bare.base}/pipe`, headers: {} }, pid: bare.child.pid },
      gateway: (inbound) =>
        'failure' in gateway
          ? gateway
          : { target: { base: gateway.base, headers: credentials(inbound, gateway.key) }, pid: gateway.pid },
      guarded: await subjectFor('policies', 'the gateway with policies', () =>
        startGuardedGateway({ ...surroundings, guardrails: false }),
      ),
      guardrails: await subjectFor('guardrails', 'the gateway with guardrails', () =>
        startGuardedGateway({ ...surroundings, guardrails: true }),
      ),
      portkey: await subjectFor('portkey', 'Portkey', () => startPortkey(surroundings)),
      llmGateway: await subjectFor('llm-gateway', 'LLM Gateway', () => startLlmGateway(surroundings)),
      gatewayModels: 'failure' in gateway ? { openai: '', anthropic: '' } : gateway.models,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function credentials(inbound: Dialect, key: string): Record<string, string> {
  if (inbound === 'openai') return { authorization: `Bearer ${key}` };
  return { 'x-api-key': key, 'anthropic-version': '2023-06-01' };
}

async function attempt<Started extends object>(
  start: () => Promise<Started>,
  what: string,
): Promise<Started | { failure: string }> {
  try {
    return await start();
  } catch (error) {
    return { failure: `${what}: ${failureText(error)}` };
  }
}
