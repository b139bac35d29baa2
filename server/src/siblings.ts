import type { Registry } from 'prom-client';

/** What a process of a group says to the one that started it. */
export type ToGroup =
  | { kind: 'serving' }
  | { kind: 'pong' }
  | { kind: 'gather'; id: number }
  | { kind: 'metrics'; id: number; metrics: object[] };

/** What it is told. */
export type ToProcess =
  | { kind: 'ping' }
  | { kind: 'report'; id: number }
  | { kind: 'gathered'; id: number; text?: string };

export interface Siblings {
  /** Gives the Prometheus text of all processes of the group: whichever of them is asked answers for all. */
  metricsWith(own: Registry): () => Promise<string>;
  /** Tells the group that this process takes connections. `onAlone` is told when the group's own process is gone. */
  serving(options: { onAlone(): void }): void;
}

/** This process's side of its group. Until it serves, it ends with the group's own process. */
export function joinSiblings(): Siblings {
  let alone: () => void = () => process.exit(1);
  const asking = new Map<number, (text: string | undefined) => void>();
  let asked = 0;
  let registry: Registry | undefined;
  const say = (message: ToGroup) => process.connected && process.send?.(message);

  async function report(id: number): Promise<void> {
    say({ kind: 'metrics', id, metrics: ((await registry?.getMetricsAsJSON()) ?? []) as object[] });
  }

  process.on('message', (message: ToProcess) => {
    switch (message.kind) {
      case 'ping':
        say({ kind: 'pong' });
        return;
      case 'report':
        void report(message.id).catch(() => {});
        return;
      case 'gathered':
        asking.get(message.id)?.(message.text);
        asking.delete(message.id);
        return;
    }
  });
  process.on('disconnect', () => {
    for (const answer of asking.values()) answer(undefined);
    alone();
  });

  return {
    metricsWith(own) {
      registry = own;
      return async () => {
        const id = ++asked;
        const text = await new Promise<string | undefined>((resolve) => {
          asking.set(id, resolve);
          if (!say({ kind: 'gather', id })) resolve(undefined);
        });
        return text ?? own.metrics();
      };
    },
    serving({ onAlone }) {
      alone = onAlone;
      say({ kind: 'serving' });
    },
  };
}
