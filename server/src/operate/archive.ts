import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import tar from 'tar-stream';
import { archiveFormat, type Manifest, manifestName, manifestSchema } from './manifest.ts';
import { OperationError } from './operation-error.ts';

export interface ArchiveEntry {
  name: string;
  content: Buffer;
}

type Contents = Manifest['entries'];

/** Begins a `.tar.gz` at `path`, which must not exist; only its owner may read it. */
export function writeArchive(path: string) {
  const pack = tar.pack();
  const written = pipeline(pack, createGzip(), createWriteStream(path, { mode: 0o600, flags: 'wx' }));
  // Whoever adds entries hears of it at the end.
  written.catch(() => {});
  const entries: Contents = {};

  async function put(name: string, content: Buffer): Promise<void> {
    const failed = written.then(() => undefined);
    const entry = pack.entry({ name, size: content.length, mode: 0o600, mtime: new Date() });
    entry.end(content);
    await Promise.race([once(entry, 'finish'), failed]);
  }

  return {
    async add(name: string, content: Buffer): Promise<void> {
      await put(name, content);
      entries[name] = { bytes: content.length, sha256: sha256(content) };
    },
    /** The manifest is the last entry: it says what came before it. Rejects when the disk did not take all. */
    async finish(manifest: Omit<Manifest, 'entries'>): Promise<Manifest> {
      const whole: Manifest = { ...manifest, entries };
      await put(manifestName, Buffer.from(`${JSON.stringify(whole, null, 2)}\n`));
      pack.finalize();
      await written;
      return whole;
    },
    async abandon(): Promise<void> {
      pack.destroy();
      await written.catch(() => {});
    },
  };
}

/** The entries of an archive as they come. Throws OperationError when it cannot be read. */
export async function* readArchive(path: string): AsyncGenerator<ArchiveEntry> {
  const extract = tar.extract();
  const read = pipeline(createReadStream(path), createGunzip(), extract);
  read.catch(() => {});
  try {
    for await (const entry of extract) yield { name: entry.header.name, content: await buffer(entry) };
    await read;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw code === 'ENOENT'
      ? new OperationError(`There is no file ${path}.`)
      : new OperationError(`${path} cannot be read as a backup: ${message}.`, 'It is broken, or something else.');
  } finally {
    extract.destroy();
  }
}

/** Reads an archive through and returns its manifest. Throws OperationError when anything in it is not as it was written. */
export async function checkArchive(path: string): Promise<Manifest> {
  const found: Contents = {};
  let manifest: Manifest | undefined;
  for await (const { name, content } of readArchive(path)) {
    if (name === manifestName) manifest = parseManifest(path, content);
    else found[name] = { bytes: content.length, sha256: sha256(content) };
  }
  if (!manifest) throw new OperationError(`${path} is no whole backup: it has no manifest.`, advice);
  for (const [name, { bytes, sha256 }] of Object.entries(manifest.entries)) {
    const there = found[name];
    if (!there) throw new OperationError(`${path} is broken: ${name} is missing.`, advice);
    if (there.bytes !== bytes || there.sha256 !== sha256)
      throw new OperationError(`${path} is broken: the checksum of ${name} is wrong.`, advice);
  }
  const foreign = Object.keys(found).find((name) => !(name in manifest.entries));
  if (foreign !== undefined)
    throw new OperationError(`${path} holds ${foreign}, which is not in its manifest.`, advice);
  return manifest;
}

const advice = 'Nothing was changed. Take another backup.';

function parseManifest(path: string, content: Buffer): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(content.toString('utf8'));
  } catch {
    throw new OperationError(`${path} is broken: its manifest is not JSON.`, advice);
  }
  const format = (value as { format?: unknown } | null)?.format;
  if (typeof format === 'number' && format > archiveFormat)
    throw new OperationError(
      `${path} has the form ${format} of backups, and this program reads up to ${archiveFormat}.`,
      'Use the newer Sluice that wrote it.',
    );
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) throw new OperationError(`${path} is no backup of Sluice: its manifest is not one.`, advice);
  return parsed.data;
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
