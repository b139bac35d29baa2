import { newId } from './core/new-id.ts';
import { type Bus, type Change, createBus } from './realtime/bus.ts';
import type { AuditedChange } from './store/audit-store.ts';
import type { SharedRedis } from './store/redis.ts';
import { joinReplicas } from './store/replicas.ts';

export interface ReplicasDeps {
  redis: SharedRedis | undefined;
  onFault(error: unknown): void;
}

/** What this process has to do with the others like it: news of changes, and how many there are. Alone, it is one of one. */
export function composeReplicas({ redis, onFault }: ReplicasDeps) {
  const self = newId('replica_');
  const bus = createBus({ self, ...(redis && { carrier: redis }) });
  const replicas = redis && joinReplicas({ redis, self, onFault });
  return {
    bus,
    count: () => replicas?.count() ?? 1,
    isDegraded: () => redis !== undefined && !redis.isUp(),
    async close(): Promise<void> {
      bus.close();
      await replicas?.leave();
    },
  };
}

export type ComposedReplicas = ReturnType<typeof composeReplicas>;

/** An audited change of which everybody is told once it is committed. */
export const announced =
  (audited: AuditedChange, bus: Bus): AuditedChange =>
  async (actor, change) => {
    const noted: Change[] = [];
    const result = await audited(actor, (tx, note) =>
      change(tx, async (each) => {
        await note(each);
        const { action, target, organisationId = actor.organisationId } = each;
        noted.push({ action, target, organisationId });
      }),
    );
    for (const each of noted) bus.publish(each);
    return result;
  };
