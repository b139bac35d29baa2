import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadClient, startLoadClient } from './load/load-client.ts';
import { failureText } from './measure/failure-text.ts';
import type { Options } from './options.ts';
import type { Child } from './subjects/child-process.ts';
import { startGateway, startGuardedGateway } from './subjects/gateway.ts';
import { startOwnServer } from './subjects/own-service.ts';
import { startPortkey } from './subjects/portkey.ts';
import type { Subject } from './subjects/subject.ts';
import type { Dialect } from './traffic.ts';

/** Everything that runs during a measurement. A subject that could not be started is there with its reason. */
export interface World {
  load: LoadClient;
  upstreamCalls: () => Promise<number>;
  mock: Subject;
  bareJson: Subject;
  barePipe: Subject;
  /** The gateway, with the credentials as the dialect's own clients send them. */
  gateway: (inbound: Dialect) => Subject;
  gatewayModels: { openai: string; anthropic?: string };
  /** A second gateway of the checkout with limits, a budget and the exact cache on. */
  guarded: Subject;
  portkey: Subject;
  /** Ends every process and removes the run's folder. */
  stop: () => Promise<void>;
}

interface RunningGateway {
  base: string;
  key: string;
  models: { openai: string; anthropic?: string };
  pid?: number;
}

/** Starts the mock, the bare proxy, the load generator, the gateway and, when it is asked for, Portkey. */
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
    const guarded = await attempt(async () => {
      if (!options.only.has('policies')) throw new Error('not asked for');
      return keep(await startGuardedGateway({ mockBase: mock.base, directory }));
    }, 'the gateway with policies');
    const portkey = await attempt(async () => {
      if (!options.only.has('portkey')) throw new Error('not asked for');
      return keep(await startPortkey({ mockBase: mock.base, directory }));
    }, 'Portkey');

    return {
      load,
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
      guarded:
        'failure' in guarded
          ? guarded
          : { target: { base: guarded.base, headers: credentials('openai', guarded.key) }, pid: guarded.child.pid },
      gatewayModels: 'failure' in gateway ? { openai: '', anthropic: '' } : gateway.models,
      portkey:
        'failure' in portkey
          ? portkey
          : { target: { base: portkey.base, headers: portkey.headers }, pid: portkey.child.pid },
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
