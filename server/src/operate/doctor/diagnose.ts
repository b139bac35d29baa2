import { loadConfigFile } from '../../config/load.ts';
import type { ConfigFile } from '../../config/schema.ts';
import { readSettings, type Settings } from '../../config/settings.ts';
import type { Tables } from '../../store/database.ts';
import { checkDatabase } from './database.ts';
import { checkExposure } from './exposure.ts';
import { type Finding, fail, inOneLine, ok, saidBy, warn } from './finding.ts';
import { checkFolder } from './folder.ts';
import { checkPort } from './port.ts';
import { checkRedis } from './redis.ts';
import { checkRuntime } from './runtime.ts';

export interface DoctorDeps {
  /** Of this program. */
  version: string;
  environment: Record<string, string | undefined>;
  /**
   * Asks every provider of a configuration, and those that operators added, for its models, as `sluice providers test` does.
   * Throws when the configuration cannot be used. Without `tables` there is no database to be read.
   */
  testProviders(settings: Settings, config: ConfigFile, tables: Tables | undefined): Promise<ProviderFinding[]>;
}

export interface ProviderFinding {
  id: string;
  kind: string;
  reachable: boolean;
  /** Null when that cannot be known. */
  keyValid: boolean | null;
  detail: string;
  /** Why it cannot be used at all. */
  fault?: string;
}

/** Looks at everything that an installation needs, whether its server runs or not. Changes nothing. */
export async function diagnose({ version, environment, testProviders }: DoctorDeps): Promise<Finding[]> {
  const runtime = checkRuntime(version);
  let settings: Settings;
  try {
    settings = readSettings(environment);
  } catch (error) {
    return [...runtime, fail('environment', saidBy(error), 'Mend the environment; nothing else could be looked at.')];
  }
  const { findings: read, config } = readConfig(settings);
  const port = await checkPort(settings);
  const [folder, database, redis] = await Promise.all([
    checkFolder(settings),
    checkDatabase(settings, (tables) =>
      config ? checkProviders(settings, config, tables, testProviders) : Promise.resolve([]),
    ),
    checkRedis(settings),
  ]);
  const exposure = checkExposure(settings, config);
  return [...runtime, ...read, ...port, ...folder, ...database.findings, ...redis, ...database.meanwhile, ...exposure];
}

function readConfig({ configPath, environment }: Settings): { findings: Finding[]; config?: ConfigFile } {
  try {
    return {
      findings: [ok('configuration', `${configPath} can be used, or is not there and need not be.`)],
      config: loadConfigFile(configPath, environment),
    };
  } catch (error) {
    const message = inOneLine(error);
    return {
      findings: [fail('configuration', message, 'Mend the file; docs/reference/configuration.md has every field.')],
    };
  }
}

async function checkProviders(
  settings: Settings,
  config: ConfigFile,
  tables: Tables | undefined,
  testProviders: DoctorDeps['testProviders'],
): Promise<Finding[]> {
  try {
    return (await testProviders(settings, config, tables)).map(describeProvider);
  } catch (error) {
    const message = inOneLine(error);
    return [fail('providers', message, 'Mend the configuration of the providers, or the keys that it refers to.')];
  }
}

function describeProvider({ id, kind, reachable, keyValid, detail, fault }: ProviderFinding): Finding {
  const check = `provider ${id}`;
  if (fault !== undefined)
    return fail(check, `It cannot be used: ${fault}`, 'Set it anew, or bring back the master key that sealed its key.');
  if (kind === 'sandbox')
    return ok(check, 'The offline sandbox answers; it is for trying things out and knows nothing.');
  if (keyValid === false)
    return fail(check, `It refuses its key: ${detail}`, 'Get a new key from the provider and set it.');
  if (!reachable)
    return fail(check, `It cannot be reached: ${detail}`, 'Check its address, and the way out of this machine.');
  if (keyValid === null)
    return warn(check, `It answers, but whether its key is good is not known: ${detail}`, 'Try a call.');
  return ok(check, `It ${detail}, and its key is good.`);
}
