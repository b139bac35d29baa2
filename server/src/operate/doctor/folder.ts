import { accessSync, constants, existsSync, type Stats, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { masterKeyPath, openMasterKey } from '../../identity/master-key.ts';
import { journalFolder } from '../data-folder.ts';
import { type Finding, fail, ok, saidBy, warn } from './finding.ts';

const mebibyte = 2 ** 20;
const littleBytes = 1024 * mebibyte;
const tooLittleBytes = 100 * mebibyte;
const othersMayRead = 0o044;
const othersMayDoAnything = 0o077;

/** The data folder: whether it can be written, who else may read it, how much room there is, and the keys in it. */
export function checkFolder(settings: Settings): Finding[] {
  const { dataDir, masterKey, adminKey } = settings;
  return [
    ...checkAccess(dataDir),
    ...checkRoom(dataDir),
    ...checkJournal(dataDir),
    ...(masterKey ? checkGivenKey(settings) : checkMasterKey(settings)),
    ...(adminKey ? [] : checkSecretFile(join(dataDir, 'admin-key'), 'admin key')),
  ];
}

function checkAccess(dataDir: string): Finding[] {
  const stats = statOf(dataDir);
  const place = stats ? dataDir : nearestFolder(dataDir);
  if (stats && !stats.isDirectory())
    return [fail('data folder', `${dataDir} is no folder.`, 'Set SLUICE_DATA_DIR to a folder.')];
  try {
    accessSync(place, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return [
      fail(
        'data folder',
        `This user may not write to ${place}.`,
        `Give it to whoever runs Sluice: chown -R <user> ${place}`,
      ),
    ];
  }
  if (!stats) return [ok('data folder', `${dataDir} is not there yet; the first start makes it.`)];
  if (stats.mode & othersMayDoAnything)
    return [
      warn(
        'data folder',
        `Others on this machine may look into ${dataDir} (mode ${octal(stats)}).`,
        `chmod 700 ${dataDir}`,
      ),
    ];
  return [ok('data folder', `${dataDir} can be written, and nobody else may look into it.`)];
}

function checkRoom(dataDir: string): Finding[] {
  const place = nearestFolder(dataDir);
  const { bavail, bsize } = statfsSync(place);
  const free = bavail * bsize;
  const message = `${Math.floor(free / mebibyte).toLocaleString('en')} MiB are free for ${dataDir}.`;
  if (free < tooLittleBytes)
    return [fail('disk', message, 'Make room: calls are refused when the ledger cannot be written.')];
  if (free < littleBytes) return [warn('disk', message, 'Make room before the ledger cannot be written any more.')];
  return [ok('disk', message)];
}

/** Rows of the ledger that the database could never take are kept aside: they are in no figure. */
function checkJournal(dataDir: string): Finding[] {
  const path = join(journalFolder(dataDir), 'refused.ndjson');
  if (!existsSync(path)) return [];
  return [
    warn(
      'journal',
      `${path} holds rows of the ledger that the database refused: they are in no figure.`,
      'Look at them, and take the file away when you have.',
    ),
  ];
}

function checkGivenKey({ dataDir, masterKey }: Settings): Finding[] {
  try {
    openMasterKey(dataDir, masterKey);
    return [ok('master key', 'The master key comes from SLUICE_MASTER_KEY and can be used.')];
  } catch (error) {
    return [fail('master key', saidBy(error), 'Set SLUICE_MASTER_KEY to the output of openssl rand -base64 32.')];
  }
}

function checkMasterKey({ dataDir, databaseUrl }: Settings): Finding[] {
  const path = masterKeyPath(dataDir);
  if (!existsSync(path)) {
    if (databaseUrl !== undefined)
      return [
        warn(
          'master key',
          `There is no master key in ${dataDir}; the next start makes a new one.`,
          'If the database has been used before, put its key back first. Replicas need the same one: set SLUICE_MASTER_KEY.',
        ),
      ];
    // With a database but without the key, what is stored in it stays shut for good.
    if (!existsSync(join(dataDir, 'postgres')))
      return [ok('master key', 'There is no master key yet; the first start makes one. Keep a copy of it elsewhere.')];
    return [
      fail(
        'master key',
        `${path} is missing: stored provider keys and second factors cannot be opened.`,
        'Put the old file back, or set SLUICE_MASTER_KEY. A start without it makes a new key, and those secrets are lost.',
      ),
    ];
  }
  const readable = checkSecretFile(path, 'master key');
  if (readable.some(({ level }) => level === 'fail')) return readable;
  try {
    openMasterKey(dataDir, undefined);
    return readable;
  } catch (error) {
    return [fail('master key', saidBy(error), 'Put the old file back from where you keep its copy.')];
  }
}

function checkSecretFile(path: string, noun: string): Finding[] {
  const stats = statOf(path);
  if (!stats) return [];
  try {
    accessSync(path, constants.R_OK);
  } catch {
    return [fail(noun, `This user may not read ${path}.`, `Give it to whoever runs Sluice: chown <user> ${path}`)];
  }
  return [
    stats.mode & othersMayRead
      ? fail(noun, `Others on this machine may read ${path} (mode ${octal(stats)}).`, `chmod 600 ${path}`)
      : ok(noun, `${path} is there, and only its owner may read it.`),
  ];
}

/** The folder itself, or the one in which it would be made. */
function nearestFolder(path: string): string {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

const octal = ({ mode }: Stats): string => (mode & 0o777).toString(8).padStart(4, '0');

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    // A part of the way is a file: then there is nothing behind it either.
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
