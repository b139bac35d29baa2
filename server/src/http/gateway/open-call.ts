import { type CallContext, createAnswerFacts } from '../../core/call.ts';
import { CallAbort } from '../../core/call-abort.ts';
import { type JsonBody, readJsonBody } from '../../core/json-scan.ts';
import type { Principal } from '../../core/principal.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { readBytes, tooLarge } from '../read-bytes.ts';
import type { GatewayDeps } from './deps.ts';

/** The key of a request, wherever the SDK put it; the same checks follow for all. */
export function keyOf(request: Request): string | undefined {
  const { headers } = request;
  const authorization = headers.get('authorization');
  if (authorization) return /^bearer\s+(.+)$/i.exec(authorization)?.[1]?.trim() ?? authorization.trim();
  return headers.get('x-api-key') ?? headers.get('x-goog-api-key') ?? queryKey(request.url);
}

function queryKey(url: string): string | undefined {
  const query = url.indexOf('?');
  return query === -1 ? undefined : (new URLSearchParams(url.slice(query)).get('key') ?? undefined);
}

/** An open call: its context, and the way to give it up. */
export interface OpenCall {
  context: CallContext;
  /** Ends the call because nobody reads any more. */
  abandon(reason: SluiceError): void;
  /** Lets go of what watches the call. */
  close(): void;
}

/** Makes the context of a call: its id, its clock, and a signal that aborts when the caller hangs up or time is over. */
export function openCall(
  request: Request,
  requestId: string,
  principal: Principal,
  { watchdog, limits, openCalls, beginTrace }: GatewayDeps,
): OpenCall {
  const { headers } = request;
  const abort = new CallAbort();
  openCalls.add(abort);
  const hangUp = () => abort.abort(new SluiceError('client_closed', 'The caller hung up.'));
  // With an Idempotency-Key the call goes on to its end: whoever hung up comes back for the answer.
  if (!headers.has('idempotency-key')) request.signal.addEventListener('abort', hangUp, { once: true });
  const { totalMs } = limits();
  const watch = watchdog.watch(totalMs, () =>
    abort.abort(new SluiceError('upstream_timeout', `The answer took longer than ${Math.round(totalMs / 1000)} s.`)),
  );
  return {
    context: {
      requestId,
      abort,
      receivedAt: Date.now(),
      startedMs: performance.now(),
      principal,
      strict: headers.get('x-sluice-strict') === 'true',
      cacheControl: headers.get('x-sluice-cache') ?? undefined,
      tags: withTags(principal.tags, tagsOf(headers.get('x-sluice-tags'))),
      threadId: threadOf(headers.get('x-sluice-thread')),
      facts: createAnswerFacts(),
      trace: beginTrace?.(headers),
    },
    abandon: (reason) => abort.abort(reason),
    close() {
      openCalls.delete(abort);
      watch.stop();
      request.signal.removeEventListener('abort', hangUp);
    },
  };
}

/** The name stands in keys and in memory, so it may not be as long as a header. */
const threadOf = (header: string | null): string | undefined => header?.trim().slice(0, 200) || undefined;

/** The key's own tags come first: a caller cannot leave them out. */
const withTags = (own: readonly string[] | undefined, named: string[]): string[] =>
  own && own.length > 0 ? [...new Set([...own, ...named])] : named;

const tagsOf = (header: string | null): string[] =>
  header === null
    ? []
    : header
        .split(',')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== '')
        .slice(0, 20);

/** The body as JSON. Throws `body_too_large` (the rest unread), `unsupported_media_type`, `invalid_json` or `client_closed`. */
export async function readBody(request: Request, bodyBytes: number, abort: CallAbort): Promise<JsonBody> {
  const type = request.headers.get('content-type');
  // SDKs always say JSON; curl without a header says form, and what it sends is JSON all the same.
  if (
    type !== null &&
    type !== 'application/json' &&
    !/json|x-www-form-urlencoded|text\/plain|octet-stream/i.test(type)
  ) {
    throw new SluiceError(
      'unsupported_media_type',
      `The body is ${JSON.stringify(type)}; send JSON with content-type: application/json.`,
    );
  }
  const declared = Number(request.headers.get('content-length') ?? Number.NaN);
  if (declared > bodyBytes) throw tooLarge(bodyBytes);
  const bytes = Number.isFinite(declared) ? request.bytes() : readBytes(request, bodyBytes);
  return readJsonBody(await unlessOver(bytes, abort));
}

/** The bytes, unless the call is over before: a caller who never finishes the body does not hold it for ever. */
function unlessOver(bytes: Promise<Uint8Array>, abort: CallAbort): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const letGo = abort.onAbort(reject);
    bytes.then(
      (all) => {
        letGo();
        resolve(all);
      },
      (cause) => {
        letGo();
        // A body can only break off because whoever sends it went away.
        reject(
          cause instanceof SluiceError
            ? cause
            : new SluiceError('client_closed', 'The caller hung up before the body was complete.', { cause }),
        );
      },
    );
  });
}
