import type { Principal } from '../core/principal.ts';
import { invalidRequest, SluiceError } from '../core/sluice-error.ts';
import { authoriseOperator } from '../identity/authorise.ts';
import type { MasterKey } from '../identity/master-key.ts';
import { isReference } from '../identity/secrets/reference.ts';
import type { AuditedChange } from '../store/audit-store.ts';
import type { GatewayProviderRow, GatewayProviderStore } from '../store/gateway-provider-store.ts';
import { openProvider, type ProviderSecrets, partOptions, sealProvider } from './provider-secrets.ts';

/** A provider as an operator describes it: what the file would hold under its name. */
export interface ProviderWish {
  kind: string;
  baseUrl?: string;
  apiKey?: string;
  options?: Record<string, unknown>;
  wires?: readonly string[];
  firstByteMs?: number;
}

export interface ProviderServiceDeps {
  store: GatewayProviderStore;
  master: MasterKey;
  audited: AuditedChange;
  /** Whether the configuration file has a provider of this name: then its settings are changed there. */
  isInFile(id: string): boolean;
  /** Whether there is such a provider, wherever it stands. */
  exists(id: string): boolean;
  /** Throws `invalid_request` when no provider can be made of these settings. */
  check(id: string, wish: ProviderWish): void;
  /** Resolves when this process works with what the database holds now. */
  refresh(): Promise<void>;
}

/** Kinds that run code by name: whoever may install it may also write the file. */
const fileOnly = new Set(['ai-sdk']);

/** What operators do with providers. Every method throws `forbidden`, `not_found`, `conflict` or `invalid_request` in words. */
export function createProviderService(deps: ProviderServiceDeps) {
  const { store, master, audited, isInFile, exists, check, refresh } = deps;

  const mayChange = (actor: Principal) => authoriseOperator(actor, 'provider');

  function refuse(id: string, { kind, apiKey }: ProviderWish): void {
    if (isInFile(id))
      throw new SluiceError('conflict', `The provider ${JSON.stringify(id)} stands in sluice.yaml. Change it there.`);
    if (/^(group|auto)$/.test(id)) throw invalidRequest(`${JSON.stringify(id)} is a name of the gateway's own.`, 'id');
    if (fileOnly.has(kind))
      throw invalidRequest(`Providers of the kind ${kind} load code: they stand in sluice.yaml only.`, 'kind');
    if (apiKey !== undefined && isReference(apiKey))
      throw invalidRequest('References to secrets stand in sluice.yaml only. Send the key itself.', 'apiKey');
  }

  /** Secrets that were not sent again stay, as long as they go where they went before. */
  function secretsOf(wish: ProviderWish, before: GatewayProviderRow | undefined): ProviderSecrets {
    const { secret } = partOptions(wish.options);
    const same = before?.settings?.kind === wish.kind && (before.settings.baseUrl ?? '') === (wish.baseUrl ?? '');
    const kept = before && same ? openProvider(master, before) : {};
    const apiKey = wish.apiKey ?? kept.apiKey;
    // They belong together: a session token of the key before would spoil the new one.
    const options = Object.keys(secret).length > 0 ? secret : kept.options;
    return { ...(apiKey !== undefined && { apiKey }), ...(options && { options }) };
  }

  return {
    /** Adds a provider or replaces the one of its name. A key that is not sent stays, unless the kind or the address is another. */
    async put(actor: Principal, id: string, wish: ProviderWish): Promise<void> {
      mayChange(actor);
      refuse(id, wish);
      await audited(actor, async (tx, note) => {
        const before = await store.byId(id, tx);
        const secrets = secretsOf(wish, before);
        const { apiKey: _, options, ...rest } = wish;
        const { open } = partOptions(options);
        const settings = { ...rest, ...(Object.keys(open).length > 0 && { options: open }) };
        check(id, { ...settings, ...secrets, options: { ...open, ...secrets.options } });
        const sealed = sealProvider(master, id, secrets);
        await store.put({ id, settings, enabled: before?.enabled ?? true, ...sealed }, tx);
        await note({
          action: 'provider.put',
          target: { kind: 'provider', id },
          detail: { ...settings, key: sealed.hint },
        });
      });
      await refresh();
    },
    /** Switches a provider off, or on again, wherever its settings stand. */
    async enable(actor: Principal, id: string, enabled: boolean): Promise<void> {
      mayChange(actor);
      if (!exists(id)) throw noProvider(id);
      await audited(actor, async (tx, note) => {
        await store.enable(id, enabled, tx);
        await note({ action: enabled ? 'provider.enable' : 'provider.disable', target: { kind: 'provider', id } });
      });
      await refresh();
    },
    /** Removes a provider that was added here; one of the environment shows again. */
    async remove(actor: Principal, id: string): Promise<void> {
      mayChange(actor);
      await audited(actor, async (tx, note) => {
        const row = await store.byId(id, tx);
        if (!row?.settings) {
          if (!exists(id)) throw noProvider(id);
          throw new SluiceError(
            'conflict',
            `The provider ${JSON.stringify(id)} was not added here. Remove it where it stands, or switch it off.`,
          );
        }
        await store.remove(id, tx);
        await note({ action: 'provider.delete', target: { kind: 'provider', id }, detail: row.settings });
      });
      await refresh();
    },
  };
}

export type ProviderService = ReturnType<typeof createProviderService>;

const noProvider = (id: string) => new SluiceError('not_found', `There is no provider ${JSON.stringify(id)}.`);
