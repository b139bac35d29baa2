import { operatorPrincipal, type Principal } from '../core/principal.ts';
import type { AuditedChange } from '../store/audit-store.ts';
import type { ProviderKeyStore } from '../store/provider-key-store.ts';
import { authorise } from './authorise.ts';
import { rewrapSecret } from './envelope.ts';
import type { MasterKey } from './master-key.ts';
import { placeOf } from './provider-key-service.ts';

export interface RewrapDeps {
  store: Pick<ProviderKeyStore, 'underOtherVersions' | 'rewrap' | 'countByVersion'>;
  master: MasterKey;
  audited: AuditedChange;
}

const pageRows = 100;

/** The stored secrets as a whole: under which master key they are, and moving them to the newest one. */
export function createSecretKeeping({ store, master, audited }: RewrapDeps) {
  const mayAll = (actor: Principal) =>
    authorise(actor, 'operator', { kind: 'secret', organisationId: operatorPrincipal.organisationId });
  return {
    async status(actor: Principal) {
      mayAll(actor);
      return { newest: master.newest, versions: [...master.versions], sealedUnder: await store.countByVersion() };
    },
    /**
     * Wraps the data key of every secret under the newest master key while calls go on. What somebody changes meanwhile is
     * under it already. `failed` lists those that do not open.
     */
    async rewrap(actor: Principal): Promise<{ masterVersion: number; rewrapped: number; failed: string[] }> {
      mayAll(actor);
      let rewrapped = 0;
      const failed: string[] = [];
      for (let after = ''; ; ) {
        const page = await store.underOtherVersions(master.newest, after, pageRows);
        for (const row of page) {
          const { id, sealed, wrappedKey, masterVersion } = row;
          try {
            const secret = { sealed: sealed ?? '', wrappedKey: wrappedKey ?? '', masterVersion: masterVersion ?? 0 };
            const { sealed: _, ...wrapped } = rewrapSecret(master, placeOf(row), secret);
            if (await store.rewrap(row, wrapped)) rewrapped += 1;
          } catch {
            failed.push(id);
          }
        }
        if (page.length < pageRows) break;
        after = page.at(-1)!.id;
      }
      const detail = { masterVersion: master.newest, rewrapped, failed: failed.length };
      await audited(actor, (_tx, note) =>
        note({ action: 'secrets.rewrap', target: { kind: 'master-key', id: `v${master.newest}` }, detail }),
      );
      return { masterVersion: master.newest, rewrapped, failed };
    },
  };
}

export type SecretKeeping = ReturnType<typeof createSecretKeeping>;
