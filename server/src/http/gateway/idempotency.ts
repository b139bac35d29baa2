import { createHash } from 'node:crypto';
import { newId } from '../../core/new-id.ts';
import type { Principal } from '../../core/principal.ts';
import { invalidRequest, SluiceError } from '../../core/sluice-error.ts';
import type { IdempotencyStore, IdempotentCall } from '../../store/idempotency-store.ts';

export interface IdempotencyDeps {
  store: IdempotencyStore;
  onFault(error: unknown): void;
  nowMs?: () => number;
}

/** What came of a call, by the time all of its answer is there. */
export interface CallOutcome {
  status: number;
  error?: SluiceError;
}

/** A request that has an `Idempotency-Key` and is the first with it. */
export interface IdempotentRun {
  /**
   * The answer as it goes to the caller; it is read to its end and kept whether or not the caller reads it. `outcome` is asked
   * when the answer is whole.
   */
  record(response: Response, outcome: () => CallOutcome): Response;
  /** Lets go: the call came to nothing that could be kept. */
  release(): void;
}

const dayMs = 24 * 3600 * 1000;
/** How long a process that died holds its requests. */
const leaseMs = 30_000;
const renewEveryMs = 8000;
const sweepEveryMs = 60_000;
/** A longer answer is not kept: its key is used up all the same. */
const maxAnswerBytes = 16 * 1024 * 1024;
const longestKey = 255;

const sha256 = (...parts: string[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('base64url');
};

/**
 * `Idempotency-Key`: a request that is sent again gets the first one's answer and is not run, nor charged, a second time. Answers
 * are kept for a day in the database, so that neither a restart nor another replica forgets them.
 */
export function createIdempotency({ store, onFault, nowMs = () => performance.now() }: IdempotencyDeps) {
  const running = new Set<string>();
  let renewing: ReturnType<typeof setInterval> | undefined;
  let sweptMs = Number.NEGATIVE_INFINITY;

  function begin(claim: string): void {
    running.add(claim);
    renewing ??= setInterval(() => void store.renew([...running], leaseMs).catch(onFault), renewEveryMs);
    renewing.unref?.();
  }

  function end(claim: string): void {
    running.delete(claim);
    if (running.size > 0) return;
    clearInterval(renewing);
    renewing = undefined;
  }

  function sweep(): void {
    if (nowMs() - sweptMs < sweepEveryMs) return;
    sweptMs = nowMs();
    void store.removeExpired().catch(onFault);
  }

  return {
    /**
     * The stored answer of a request that was run before, or the run that this one is. Throws `conflict` while the first still
     * runs, `idempotency_mismatch` for another request under the same key, `unavailable` when the database is away.
     */
    async open(request: Request, key: string, principal: Principal, body: string): Promise<Response | IdempotentRun> {
      if (key.length === 0 || key.length > longestKey)
        throw invalidRequest(`Idempotency-Key must have 1 to ${longestKey} characters.`, 'Idempotency-Key');
      const { pathname, search } = new URL(request.url);
      const { organisationId, keyId } = principal;
      const id = sha256(organisationId, keyId, pathname, key);
      const claim = newId('idm_');
      // A key in the address is no part of the request.
      const fingerprint = sha256(search.replace(/([?&])key=[^&]*/, '$1'), body);
      sweep();
      let before: IdempotentCall | undefined;
      try {
        before = await store.claim({ id, organisationId, fingerprint, claim, leaseMs, keepMs: dayMs });
      } catch (cause) {
        throw new SluiceError(
          'unavailable',
          'The database does not answer, so nobody can say whether this request ran before. Send it again.',
          { retryAfterMs: 1000, cause },
        );
      }
      if (before) return replay(before, fingerprint);
      begin(claim);
      return createRun({ id, claim });
    },
    close(): void {
      clearInterval(renewing);
    },
  };

  function createRun(mine: { id: string; claim: string }): IdempotentRun {
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      void store
        .release(mine)
        .catch(onFault)
        .finally(() => end(mine.claim));
    };

    async function keep(response: Response, parts: Uint8Array[] | undefined, { status, error }: CallOutcome) {
      if (!isKept(status, error)) return release();
      released = true;
      const body = parts ? Buffer.concat(parts) : Buffer.alloc(0);
      const state = parts ? 'done' : 'lost';
      await store
        .finish(mine, { state, status: response.status, headers: Object.fromEntries(response.headers), body })
        .catch(onFault)
        .finally(() => end(mine.claim));
    }

    return {
      release,
      record(response, outcome) {
        const reader = response.body?.getReader();
        let caller: ReadableStreamDefaultController<Uint8Array> | undefined;
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            caller = controller;
          },
          cancel() {
            // The call goes on to its end: whoever hung up will want the answer.
            caller = undefined;
          },
        });
        void (async () => {
          let parts: Uint8Array[] | undefined = [];
          let length = 0;
          try {
            for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
              length += part.value.length;
              if (length > maxAnswerBytes) parts = undefined;
              parts?.push(part.value);
              caller?.enqueue(part.value);
            }
            // Kept before the caller sees the end: a retry right after it finds the answer.
            await keep(response, parts, outcome());
            caller?.close();
          } catch (error) {
            release();
            caller?.error(error);
          }
        })();
        return new Response(body, { status: response.status, headers: response.headers });
      },
    };
  }
}

export type Idempotency = ReturnType<typeof createIdempotency>;

/** What a retry would only meet again is kept; what a retry may mend is not. */
const isKept = (status: number, error: SluiceError | undefined): boolean =>
  error ? error.status < 500 && error.status !== 429 && error.code !== 'client_closed' : status < 400;

function replay(before: IdempotentCall, fingerprint: string): Response {
  if (before.fingerprint !== fingerprint)
    throw new SluiceError(
      'idempotency_mismatch',
      'This Idempotency-Key was used for another request. Use a new key for a new request.',
    );
  if (before.state === 'lost')
    throw new SluiceError(
      'conflict',
      `The request with this Idempotency-Key is done, but its answer was longer than the ${maxAnswerBytes} bytes that are kept.`,
    );
  if (before.state === 'running')
    throw new SluiceError(
      'conflict',
      'The request with this Idempotency-Key is still running. Ask again in a moment.',
      {
        retryAfterMs: 1000,
      },
    );
  return new Response(before.body ? new Uint8Array(before.body) : null, {
    status: before.status ?? 200,
    headers: { ...before.headers, 'x-sluice-idempotent-replay': 'true' },
  });
}
