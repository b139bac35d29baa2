import { readFile } from 'node:fs/promises';
import type { Environment } from './config/load.ts';
import type { ConfigFile } from './config/schema.ts';
import { toSluiceError } from './core/sluice-error.ts';
import type { Egress } from './egress/client.ts';
import { placeOfProvider } from './gateway-settings/provider-secrets.ts';
import type { SecretsRoutesDeps } from './http/platform/secrets.ts';
import type { MasterKey } from './identity/master-key.ts';
import { createOwnCredentials } from './identity/own-credentials.ts';
import { createProviderKeyService, placeOf, reveal } from './identity/provider-key-service.ts';
import { createSecretKeeping, sealedRows } from './identity/rewrap.ts';
import { isReference } from './identity/secrets/reference.ts';
import { createSecrets, type Secrets } from './identity/secrets/resolver.ts';
import type { Logger } from './observe/logger.ts';
import { createProvider } from './providers/registry.ts';
import type { Setup } from './setup.ts';
import { createAuditLog } from './store/audit-query.ts';
import type { AuditedChange } from './store/audit-store.ts';
import type { Sql } from './store/database.ts';
import { createGatewayProviderStore } from './store/gateway-provider-store.ts';
import { createProviderKeyStore } from './store/provider-key-store.ts';

const checkMs = 15_000;

/** The references of a configuration, wherever it takes a secret. */
export const referencesOf = ({ providers }: ConfigFile): string[] =>
  Object.values(providers)
    .flatMap(({ apiKey, apiKeys = [] }) => [apiKey, ...apiKeys.map((key) => (typeof key === 'string' ? key : key.key))])
    .filter((text): text is string => text !== undefined && isReference(text));

/** The values that references lead to, read from the environment, files and secret managers. */
export const openSecrets = (
  environment: Environment,
  rest: Pick<Parameters<typeof createSecrets>[0], 'onFault' | 'refreshMs'>,
) =>
  createSecrets({
    ...rest,
    environment,
    send: (request) => fetch(request),
    readFile: (path) => readFile(path, 'utf8'),
  });

export interface SecretRefreshDeps {
  secrets: Secrets;
  config(): ConfigFile;
  /** Called when a value is another than before. */
  onChange(): void;
}

/** Reads the configuration's references again every `secrets.refreshSeconds`. Returns how to stop. */
export function refreshSecrets({ secrets, config, onChange }: SecretRefreshDeps): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  function wait(): void {
    if (stopped) return;
    timer = setTimeout(() => void refresh(), config().secrets.refreshSeconds * 1000);
    timer.unref?.();
  }
  async function refresh(): Promise<void> {
    const references = referencesOf(config());
    if (references.length > 0 && (await secrets.refresh(references))) onChange();
    wait();
  }
  wait();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

export interface ComposeSecretsDeps {
  sql: () => Promise<Sql>;
  /** Whether the database answers yet. */
  isOpen(): boolean;
  master: MasterKey;
  audited: AuditedChange;
  secrets: Secrets;
  setup(): Setup;
  egress: Egress;
  environment: Environment;
  logger: Logger;
}

/** Keys that organisations bring, the audit, and what keeps both. */
export function composeSecrets(deps: ComposeSecretsDeps) {
  const { sql, isOpen, master, audited, secrets, setup, egress, environment, logger } = deps;
  const store = createProviderKeyStore(sql);
  const memory = createOwnCredentials({
    store,
    isOpen,
    reveal: (row) => reveal(master, secrets.resolve, row),
    onFault: (error, about) =>
      logger.error({ err: error, ...about }, 'a provider key of an organisation cannot be read'),
  });

  /** Whether a provider takes a key, by asking for its models with it. */
  async function check(id: string, key: string): Promise<boolean> {
    const settings = setup().settings.get(id);
    if (!settings) return false;
    const provider = createProvider({ ...settings, apiKey: key, apiKeys: undefined }, environment);
    try {
      await provider.listModels(egress, AbortSignal.timeout(checkMs));
      return true;
    } catch (thrown) {
      const error = toSluiceError(thrown);
      if (error.code === 'upstream_credential') return false;
      throw error;
    }
  }

  const services: SecretsRoutesDeps = {
    audit: createAuditLog(sql),
    providerKeys: createProviderKeyService({
      store,
      master,
      audited,
      memory,
      resolve: secrets.resolve,
      check,
      takesKeys: (id) => (setup().settings.get(id)?.kind ?? 'sandbox') !== 'sandbox',
    }),
    keeping: createSecretKeeping({
      stores: [
        sealedRows(store, placeOf),
        sealedRows(createGatewayProviderStore(sql), ({ id }) => placeOfProvider(id)),
      ],
      master,
      audited,
    }),
  };
  return { services, ownCredentials: memory.of };
}
