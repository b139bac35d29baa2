import { resolve } from 'node:path';
import type { Environment } from './load.ts';

/** What is fixed for the life of the process and comes from the environment. */
export interface Settings {
  host: string;
  port: number;
  dataDir: string;
  /** The folder of the ledger's journal in the data folder, `journal` when it is left out. No two processes may share one. */
  journal?: string;
  /** While nobody can log in, a new setup token is made at the start, unless this is false: another process made one. */
  invites?: boolean;
  configPath: string;
  adminKey?: string;
  masterKey?: string;
  databaseUrl?: string;
  redisUrl?: string;
  logLevel?: string;
  /** The whole environment, for provider keys. */
  environment: Environment;
}

/** Reads the environment. Throws an Error in words when PORT is not a port. */
export function readSettings(environment: Environment): Settings {
  const port = Number(environment.PORT || 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`PORT is ${JSON.stringify(environment.PORT)}; it must be a number from 0 to 65535.`);
  }
  const host = environment.HOST || '127.0.0.1';
  if (!isLoopback(host) && environment.SLUICE_PUBLIC !== 'true') {
    throw new Error(
      `HOST is ${host}, which others can reach, and what travels there is not encrypted. Put a TLS proxy in front and set ` +
        'SLUICE_PUBLIC=true to say so, or leave HOST out to serve this machine only.',
    );
  }
  return {
    host,
    port,
    dataDir: resolve(environment.SLUICE_DATA_DIR || './data'),
    configPath: resolve(environment.SLUICE_CONFIG || './sluice.yaml'),
    adminKey: environment.SLUICE_ADMIN_KEY || undefined,
    masterKey: environment.SLUICE_MASTER_KEY || undefined,
    databaseUrl: environment.DATABASE_URL || undefined,
    redisUrl: environment.REDIS_URL || undefined,
    logLevel: environment.SLUICE_LOG_LEVEL || undefined,
    environment,
  };
}

/** Addresses that only this machine can reach. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
