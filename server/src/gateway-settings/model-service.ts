import type { Principal } from '../core/principal.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { authoriseOperator } from '../identity/authorise.ts';
import type { AuditedChange } from '../store/audit-store.ts';
import type { GatewayModelStore } from '../store/gateway-model-store.ts';

export interface ModelServiceDeps {
  store: GatewayModelStore;
  audited: AuditedChange;
  /** Whether the configuration file has an entry for this model: then its facts are changed there. */
  isInFile(id: string): boolean;
  /** Whether a provider of this gateway serves such a name. */
  isServed(id: string): boolean;
  /** Resolves when this process works with what the database holds now. */
  refresh(): Promise<void>;
}

/** What operators say of models. Every method throws `forbidden`, `not_found` or `conflict` in words. */
export function createModelService({ store, audited, isInFile, isServed, refresh }: ModelServiceDeps) {
  const mayChange = (actor: Principal) => authoriseOperator(actor, 'model');
  return {
    /** What is said replaces what was said before; what is not said comes from the catalogue. In force at the next call. */
    async put(actor: Principal, id: string, facts: Record<string, unknown>): Promise<void> {
      mayChange(actor);
      if (isInFile(id))
        throw new SluiceError('conflict', `The model ${JSON.stringify(id)} stands in sluice.yaml. Change it there.`);
      if (!isServed(id))
        throw new SluiceError('not_found', `No provider here serves ${JSON.stringify(id)}. Name it as provider/model.`);
      await audited(actor, async (tx, note) => {
        await store.put(id, facts, tx);
        await note({ action: 'model.put', target: { kind: 'model', id }, detail: facts });
      });
      await refresh();
    },
    /** Forgets what was said: the catalogue holds again. */
    async remove(actor: Principal, id: string): Promise<void> {
      mayChange(actor);
      await audited(actor, async (tx, note) => {
        const row = await store.remove(id, tx);
        if (!row) throw new SluiceError('not_found', `Nothing was said here of the model ${JSON.stringify(id)}.`);
        await note({ action: 'model.delete', target: { kind: 'model', id }, detail: row.facts });
      });
      await refresh();
    },
  };
}

export type ModelService = ReturnType<typeof createModelService>;
