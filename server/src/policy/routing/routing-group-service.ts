import type { Principal } from '../../core/principal.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { authoriseOperator } from '../../identity/authorise.ts';
import type { AuditedChange } from '../../store/audit-store.ts';
import type { RoutingGroupRow, RoutingGroupStore } from '../../store/routing-group-store.ts';

export interface RoutingGroupServiceDeps {
  store: RoutingGroupStore;
  audited: AuditedChange;
  /** Whether the configuration file has a group of this name: then nobody else changes it. */
  isInFile(name: string): boolean;
  /** Resolves when this process routes by what the database holds now. */
  refresh(): Promise<void>;
}

/** What operators do with routing groups. Every method throws `forbidden`, `not_found` or `conflict` in words. */
export function createRoutingGroupService({ store, audited, isInFile, refresh }: RoutingGroupServiceDeps) {
  function mayChange(actor: Principal, name: string): void {
    authoriseOperator(actor, 'routing-group');
    if (isInFile(name))
      throw new SluiceError('conflict', `The group ${JSON.stringify(name)} stands in sluice.yaml. Change it there.`, {
        param: 'name',
      });
  }

  return {
    async put(actor: Principal, name: string, settings: Record<string, unknown>): Promise<RoutingGroupRow> {
      mayChange(actor, name);
      const row = await audited(actor, async (tx, note) => {
        const stored = await store.put(name, settings, tx);
        await note({ action: 'routing-group.put', target: { kind: 'routing-group', id: name }, detail: settings });
        return stored;
      });
      await refresh();
      return row;
    },
    async remove(actor: Principal, name: string): Promise<RoutingGroupRow> {
      mayChange(actor, name);
      const row = await audited(actor, async (tx, note) => {
        const removed = await store.remove(name, tx);
        if (!removed) throw new SluiceError('not_found', `There is no group ${JSON.stringify(name)} in the database.`);
        await note({
          action: 'routing-group.delete',
          target: { kind: 'routing-group', id: name },
          detail: removed.settings,
        });
        return removed;
      });
      await refresh();
      return row;
    },
  };
}

export type RoutingGroupService = ReturnType<typeof createRoutingGroupService>;
