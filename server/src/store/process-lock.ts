import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

const held = new Set<string>();
/** A lock file is created first and written then: an empty one is somebody's who is just about to write. */
const writingMs = 2000;

/**
 * Takes a lock file for this process and returns its release. A lock whose process is gone is taken over; that a process id
 * was given to another program since is seen by its start time (on Linux). Throws, with `advice`, when another live process
 * holds it.
 */
export function takeLock(path: string, advice: string): () => void {
  if (held.has(path)) throw new Error(`This process has ${path} already.`);
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(path, identity(process.pid), { flag: 'wx', mode: 0o600 });
      held.add(path);
      return () => {
        held.delete(path);
        rmSync(path, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        // On a full disk the file is made and stays empty: it would look like somebody's.
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') rmSync(path, { force: true });
        throw error;
      }
    }
    removeStale(path, advice);
  }
  throw new Error(`The lock ${path} could not be taken. ${advice}`);
}

/** Removes a lock whose process is gone. Throws when its process lives. */
function removeStale(path: string, advice: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    const text = readFileSync(path, 'utf8');
    const holder = Number(text.split(' ')[0]);
    const busy =
      text === ''
        ? Date.now() - statSync(path).mtimeMs < writingMs
        : text !== identity(process.pid) && isAlive(holder, text);
    if (busy) throw new Error(`Another Sluice (process ${holder || 'unknown'}) uses this data folder. ${advice}`);
    // Moved, not deleted: when somebody else took the stale lock over in between, theirs goes back.
    renameSync(path, aside);
    if (readFileSync(aside, 'utf8') === text) rmSync(aside, { force: true });
    else renameSync(aside, path);
  } catch (error) {
    // Released or taken over meanwhile: the next attempt sees.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** The process id, and when the process started where that can be known. */
function identity(pid: number): string {
  const fields = statOf(pid);
  return fields ? `${pid} ${fields[19]}` : String(pid);
}

/** The fields of proc_pid_stat(5) from the third on (the second holds the program's name in parentheses), where there are any. */
function statOf(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ');
  } catch {
    return undefined;
  }
}

function isAlive(pid: number, written: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  // A zombie: it has ended, and nobody asked how (a container's first process may never).
  if (/^[ZX]$/.test(statOf(pid)?.[0] ?? '')) return false;
  return !written.includes(' ') || identity(pid) === written;
}
