import { invalidRequest, SluiceError } from '../../core/sluice-error.ts';

/** What a caller wants of the caches. */
export interface Directives {
  /** A stored answer will do. */
  read: boolean;
  /** The answer may be stored, and given to whoever asks the same at the same moment. */
  store: boolean;
  /** An answer to a question that only means the same will do. */
  semantic: boolean;
  /** Nothing but a stored answer will do. */
  onlyIfCached: boolean;
  maxAgeSeconds: number;
}

export const noDirectives: Directives = Object.freeze({
  read: true,
  store: true,
  semantic: true,
  onlyIfCached: false,
  maxAgeSeconds: Number.POSITIVE_INFINITY,
});

/** Reads `x-sluice-cache`. Throws `invalid_request` for a word it does not know. */
export function parseDirectives(header: string | undefined): Directives {
  if (header === undefined) return noDirectives;
  const wish = { ...noDirectives };
  for (const word of header.toLowerCase().split(',')) {
    const name = word.trim();
    const age = /^max-age=(\d{1,10})$/.exec(name);
    if (age) wish.maxAgeSeconds = Number(age[1]);
    else if (name === 'no-store') wish.store = false;
    else if (name === 'no-cache') wish.read = false;
    else if (name === 'exact') wish.semantic = false;
    else if (name === 'only-if-cached') wish.onlyIfCached = true;
    else if (name === 'bypass') {
      wish.read = false;
      wish.store = false;
    } else if (name !== '')
      throw invalidRequest(
        `x-sluice-cache does not know ${JSON.stringify(name.slice(0, 60))}. Send no-store, no-cache, bypass, exact, only-if-cached or max-age=<seconds>.`,
        'x-sluice-cache',
      );
  }
  return wish;
}

export const notCached = () =>
  new SluiceError(
    'not_cached',
    'The request said only-if-cached, and no cache holds an answer to it. Send it without that word to ask the model.',
  );
