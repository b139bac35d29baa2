import type { Branding } from '../../../shared/src/branding.ts';
import { noBranding } from '../../../shared/src/branding.ts';
import type { Fresh } from '../core/fresh.ts';
import type { Principal } from '../core/principal.ts';
import { authoriseOperator } from '../identity/authorise.ts';
import type { AuditedChange } from '../store/audit-store.ts';
import type { BrandingStore } from '../store/branding-store.ts';

export interface BrandingServiceDeps {
  store: BrandingStore;
  audited: AuditedChange;
  /** What the database holds, in memory. */
  known: Pick<Fresh<Branding>, 'get' | 'forget'>;
}

/** What the app calls itself and looks like. */
export function createBrandingService({ store, audited, known }: BrandingServiceDeps) {
  return {
    /** For everybody: it is shown before anybody is known. While the database is away, the product's own. */
    async get(): Promise<Branding> {
      try {
        return await known.get();
      } catch {
        return noBranding;
      }
    },
    /** Throws `forbidden`. */
    async put(actor: Principal, branding: Branding): Promise<Branding> {
      authoriseOperator(actor, 'branding');
      await audited(actor, async (tx, note) => {
        await store.put({ ...branding }, tx);
        const { logo, ...detail } = branding;
        await note({
          action: 'branding.put',
          target: { kind: 'branding', id: 'app' },
          detail: { ...detail, logo: logo !== null },
        });
      });
      known.forget();
      return branding;
    },
  };
}

export type BrandingService = ReturnType<typeof createBrandingService>;
