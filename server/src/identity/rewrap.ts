import { operatorPrincipal, type Principal } from '../core/principal.ts';
import type { AuditedChange } from '../store/audit-store.ts';
import { authorise } from './authorise.ts';
import { rewrapSecret, type SealedSecret, type SecretPlace } from './envelope.ts';
import type { MasterKey } from './master-key.ts';

type SealedRow = { id: string } & { [Part in keyof SealedSecret]: SealedSecret[Part] | null };

/** Where sealed secrets are kept. */
export interface SealedStore<Row extends SealedRow> {
  underOtherVersions(version: number, after: string, limit: number): Promise<Row[]>;
  rewrap(before: Row, after: Omit<SealedSecret, 'sealed'>): Promise<boolean>;
  countByVersion(): Promise<{ version: number; count: number }[]>;
}

/** A store with the place that each of its rows was sealed for. */
export interface SealedRows {
  countByVersion(): Promise<{ version: number; count: number }[]>;
  /** Wraps every row's data key under the newest master key. */
  rewrapAll(master: MasterKey): Promise<{ rewrapped: number; failed: string[] }>;
}

export interface RewrapDeps {
  stores: readonly SealedRows[];
  master: MasterKey;
  audited: AuditedChange;
}

const pageRows = 100;

export function sealedRows<Row extends SealedRow>(
  store: SealedStore<Row>,
  placeOf: (row: Row) => SecretPlace,
): SealedRows {
  return {
    countByVersion: store.countByVersion,
    async rewrapAll(master) {
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
        if (page.length < pageRows) return { rewrapped, failed };
        after = page.at(-1)!.id;
      }
    },
  };
}

/** The stored secrets as a whole: under which master key they are, and moving them to the newest one. */
export function createSecretKeeping({ stores, master, audited }: RewrapDeps) {
  const mayAll = (actor: Principal) =>
    authorise(actor, 'operator', { kind: 'secret', organisationId: operatorPrincipal.organisationId });
  return {
    async status(actor: Principal) {
      mayAll(actor);
      const sums = new Map<number, number>();
      for (const { version, count } of (await Promise.all(stores.map((store) => store.countByVersion()))).flat())
        sums.set(version, (sums.get(version) ?? 0) + count);
      return {
        newest: master.newest,
        versions: [...master.versions],
        sealedUnder: [...sums].map(([version, count]) => ({ version, count })),
      };
    },
    /**
     * Wraps the data key of every secret under the newest master key while calls go on. What somebody changes meanwhile is
     * under it already. `failed` lists those that do not open.
     */
    async rewrap(actor: Principal): Promise<{ masterVersion: number; rewrapped: number; failed: string[] }> {
      mayAll(actor);
      let rewrapped = 0;
      const failed: string[] = [];
      for (const store of stores) {
        const done = await store.rewrapAll(master);
        rewrapped += done.rewrapped;
        failed.push(...done.failed);
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
