import { isDeepStrictEqual } from 'node:util';
import { checkAlerts } from './compose-alerts.ts';
import { composeStoredSettings } from './compose-gateway-settings.ts';
import { composeStoredGroups } from './compose-routing.ts';
import { openSecrets, referencesOf, refreshSecrets } from './compose-secrets.ts';
import { checkTelemetry } from './compose-telemetry.ts';
import { ConfigError, type Environment, loadConfigFile } from './config/load.ts';
import type { Egress } from './egress/client.ts';
import type { MasterKey } from './identity/master-key.ts';
import type { Logger } from './observe/logger.ts';
import { askLocalProviders } from './providers/ask-local-providers.ts';
import { createSetup, type ReportedModels } from './setup.ts';
import type { Sql } from './store/database.ts';
import { watchConfig } from './watch-config.ts';

const discoverEveryMs = 60_000;
// Replicas that share a database and nothing else learn of each other's changes by looking.
const lookEveryMs = 800;

export interface SetupDeps {
  environment: Environment;
  configPath: string;
  /** No other process changes what operators set without telling. */
  alone: boolean;
  sql: () => Promise<Sql>;
  // Made of the setup, or after it.
  master: () => MasterKey;
  egress: () => Egress;
  logger: () => Logger;
}

/**
 * The setup in force: of the file, the environment, the secrets that both name, what operators set and what local providers say
 * they serve. Throws ConfigError when the file cannot be used.
 */
export async function openSetup({ environment, configPath, alone, sql, master, egress, logger }: SetupDeps) {
  const config = readFile();
  const secrets = openSecrets(environment, {
    refreshMs: () => setup.config.secrets.refreshSeconds * 1000,
    onFault: (reference, error) =>
      logger().error({ err: error, reference }, 'a secret could not be read again; the last value stays'),
  });
  await secrets.load(referencesOf(config));
  const everyMs = alone ? undefined : lookEveryMs;
  const groups = composeStoredGroups(sql, everyMs, (error) =>
    logger().error({ err: error }, 'the routing groups could not be read; the last ones hold'),
  );
  const stored = composeStoredSettings({
    sql,
    everyMs,
    master,
    onChange: rebuild,
    onFault: (error) => logger().error({ err: error }, 'what operators set could not be read; the last settings hold'),
  });
  let reported: ReportedModels = new Map();
  let setup = setupOf(config);

  function setupOf(read: typeof config) {
    return createSetup(read, environment, {
      reported,
      secretOf: secrets.known,
      storedGroups: groups.current,
      stored: stored.current(),
    });
  }

  /** Throws ConfigError. */
  function readFile() {
    const read = loadConfigFile(configPath, environment);
    checkAlerts(read);
    checkTelemetry(read, environment);
    return read;
  }

  /** Asks local providers what they have, so that a model pulled a minute ago can be named. */
  async function discover(): Promise<void> {
    const found = await askLocalProviders(setup.providers.values(), egress());
    if (found.size === 0 || isDeepStrictEqual(found, reported)) return;
    reported = found;
    setup = setupOf(setup.config);
  }

  /** Works with what is known by now of secrets and of what operators set. */
  function rebuild(): void {
    setup = setupOf(setup.config);
    void discover();
  }

  /** Reads the configuration again; a faulty one is reported and the old one stays. */
  async function reload(): Promise<void> {
    try {
      const read = readFile();
      await secrets.load(referencesOf(read));
      setup = setupOf(read);
      logger().info({ providers: [...setup.providers.keys()] }, 'configuration reloaded');
      void discover();
    } catch (error) {
      logger().error(
        { err: error instanceof ConfigError ? error.message : error },
        'the new configuration is faulty; the old one stays',
      );
    }
  }

  const stops: (() => void)[] = [groups.close, stored.close];
  return {
    setup: () => setup,
    secrets,
    groups,
    stored,
    discover,
    reload,
    /** What operators set is read once the database is there. */
    opened(): void {
      groups.quietly();
      stored.quietly();
    },
    /** Looks from now on for what changes by itself: the file, secrets, the models of local providers. */
    start(): void {
      const timer = setInterval(() => void discover(), discoverEveryMs);
      timer.unref?.();
      stops.push(
        () => clearInterval(timer),
        watchConfig(configPath, () => void reload()),
        refreshSecrets({ secrets, config: () => setup.config, onChange: rebuild }),
      );
      void discover();
    },
    close(): void {
      for (const stop of stops) stop();
    },
  };
}
