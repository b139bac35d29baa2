import { invalidRequest } from '../../core/sluice-error.ts';
import type { Send } from './ask-manager.ts';
import { createAwsSecrets } from './aws-secrets-manager.ts';
import { createGoogleSecrets } from './google-secret-manager.ts';
import { parseReference, type SecretReference } from './reference.ts';
import { createVault } from './vault.ts';

export interface SecretsDeps {
  environment: Record<string, string | undefined>;
  send: Send;
  readFile(path: string): Promise<string>;
  /** Told of a value that could not be read again; the old one stays. The error holds no secret. */
  onFault(reference: string, error: unknown): void;
  /** How long a value is believed. */
  refreshMs(): number;
  /** Monotonic milliseconds. */
  nowMs?: () => number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

const longestReference = 500;

/** The values of secret references, kept in memory and read again now and then. */
export function createSecrets(deps: SecretsDeps) {
  const { environment, send, readFile, onFault, refreshMs, nowMs = () => performance.now(), now = Date.now } = deps;
  const values = new Map<string, { value: string; readMs: number }>();
  const reading = new Map<string, Promise<string>>();
  const readers: Record<SecretReference['scheme'], (reference: SecretReference) => Promise<string> | string> = {
    env({ name }) {
      const value = environment[name];
      if (!value) throw invalidRequest(`The environment variable ${name} is not set.`);
      return value;
    },
    async file({ name }) {
      try {
        return await readFile(name);
      } catch (error) {
        const { code } = error as { code?: unknown };
        throw invalidRequest(`The file ${name} cannot be read${typeof code === 'string' ? ` (${code})` : ''}.`);
      }
    },
    vault: createVault({ environment, send, nowMs }),
    'aws-sm': createAwsSecrets({ environment, send, now }),
    'gcp-sm': createGoogleSecrets({ environment, send, readFile, now }),
  };

  /** Those who ask for one reference at the same time share the reading. */
  function read(text: string): Promise<string> {
    const found = reading.get(text);
    if (found) return found;
    const pending = readNow(text).finally(() => reading.delete(text));
    reading.set(text, pending);
    return pending;
  }

  async function readNow(text: string): Promise<string> {
    const reference = parseReference(text);
    if (!reference || text.length > longestReference)
      throw invalidRequest('This is no reference. Write env:, file:, vault:, aws-sm: or gcp-sm: and where it is.');
    const value = (await readers[reference.scheme](reference)).trim();
    if (value === '') throw invalidRequest(`The secret ${text} is empty.`);
    values.set(text, { value, readMs: nowMs() });
    return value;
  }

  return {
    /** The value of a reference that was read before, or the text itself when it is none; undefined when it was never read. */
    known: (text: string): string | undefined => (parseReference(text) ? values.get(text)?.value : text),
    /** The value of a reference, read now when it is not known, else beside when it is old. Rejects with SluiceError. */
    resolve(text: string): Promise<string> {
      const held = values.get(text);
      if (!held) return read(text);
      if (nowMs() - held.readMs > refreshMs()) {
        // Not again before the next interval, whatever comes of it.
        held.readMs = nowMs();
        read(text).catch((error) => onFault(text, error));
      }
      return Promise.resolve(held.value);
    },
    /** Reads all of these that are not known. Rejects with the first that cannot be read. */
    async load(texts: Iterable<string>): Promise<void> {
      await Promise.all([...new Set(texts)].filter((text) => !values.has(text)).map(read));
    },
    /** Reads all of these again; one that fails keeps its last value. Says whether any is another than before. */
    async refresh(texts: Iterable<string>): Promise<boolean> {
      const changed = await Promise.all(
        [...new Set(texts)].map(async (text) => {
          const before = values.get(text)?.value;
          try {
            return (await read(text)) !== before;
          } catch (error) {
            onFault(text, error);
            return false;
          }
        }),
      );
      return changed.includes(true);
    },
  };
}

export type Secrets = ReturnType<typeof createSecrets>;
