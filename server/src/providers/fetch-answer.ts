import type { CallContext } from '../core/call.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { Watchdog } from '../core/watchdog.ts';
import type { AttemptAt } from './call-target.ts';
import { hideSecrets } from './hide-secrets.ts';
import { keepHeaders } from './keep-headers.ts';
import type { Egress, ProviderCall } from './provider.ts';
import { retryAfterMs } from './retry-after.ts';

/** An upstream answer whose status and content type are good, its body still to be read. */
export interface OpenAnswer {
  /** All of the bytes at once, within the first-byte deadline. Throws SluiceError. */
  all(): Promise<Uint8Array>;
  /** The next bytes, or undefined at the end. Deadlines run only while this waits. Throws SluiceError. */
  next(): Promise<Uint8Array | undefined>;
  /** Stops the deadlines, cancels what was not read and lets go of the caller's signal. */
  close(): void;
}

export interface Deadlines {
  /** From sending the request to the first byte of the answer's body. */
  firstByteMs: number;
  /** Between two pieces of the body. */
  idleMs: number;
}

export const maxBodyBytes = 64 * 1024 * 1024;
const maxErrorBytes = 1024 * 1024;

interface ParsesErrors {
  parseError(status: number, body: string): SluiceError;
}

/**
 * Sends one request to a provider and holds its answer. Everything that is wrong before the body (unreachable, too slow,
 * an error status, the wrong content type) is thrown as a SluiceError that names the provider.
 */
export async function fetchAnswer(
  { egress, watchdog }: { egress: Egress; watchdog: Watchdog },
  { provider, context }: AttemptAt,
  wire: ParsesErrors,
  call: ProviderCall,
  { firstByteMs, idleMs }: Deadlines,
): Promise<OpenAnswer> {
  if (context.abort.reason) throw context.abort.reason;
  const abort = new AbortController();
  const letGo = context.abort.onAbort((reason) => abort.abort(reason));
  let begun = false;
  const watch = watchdog.watch(firstByteMs, () => {
    const silentMs = begun ? idleMs : firstByteMs;
    const facts = { upstream: { provider: provider.id } };
    abort.abort(new SluiceError('upstream_timeout', `${provider.id} sent nothing for ${silentMs} ms.`, facts));
  });
  const release = () => {
    watch.stop();
    letGo();
  };
  try {
    const request = provider.answer ? undefined : await provider.request(call);
    if (request && context.trace) Object.assign(request.headers, context.trace.headersTo(provider.local));
    const response = request
      ? await egress(request, { signal: abort.signal })
      : await provider.answer!(call, abort.signal);
    if (!response.ok) {
      const hide = (text: string) => hideSecrets(text, call.credential.secret, request?.headers);
      throw await errorOf(response, wire, provider.id, hide);
    }
    checkContentType(response, call.stream, provider.id);
    keepHeaders(response.headers, context.facts);
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
    return {
      async all() {
        try {
          // A declared length can be trusted not to grow, and is then read in one step; else the limit is counted.
          const declared = Number(response.headers.get('content-length') ?? Number.NaN);
          return declared <= maxBodyBytes ? new Uint8Array(await response.arrayBuffer()) : await readLimited(response);
        } catch (thrown) {
          throw asFault(thrown, abort.signal, context, provider.id, true);
        }
      },
      async next() {
        if (begun) watch.extend(idleMs);
        try {
          reader ??= response.body?.getReader();
          return (await reader?.read())?.value;
        } catch (thrown) {
          throw asFault(thrown, abort.signal, context, provider.id, begun);
        } finally {
          begun = true;
          watch.extend(Number.POSITIVE_INFINITY);
        }
      },
      close() {
        release();
        reader?.cancel().catch(() => {});
      },
    };
  } catch (thrown) {
    release();
    throw asFault(thrown, abort.signal, context, provider.id, false);
  }
}

function asFault(
  thrown: unknown,
  signal: AbortSignal,
  context: CallContext,
  provider: string,
  begun: boolean,
): SluiceError {
  if (context.abort.reason) return context.abort.reason;
  if (signal.aborted && signal.reason instanceof SluiceError) return signal.reason;
  if (thrown instanceof SluiceError) return thrown;
  const facts = { cause: thrown, upstream: { provider } };
  if (begun)
    return new SluiceError(
      'upstream_invalid_answer',
      `${provider} cut the connection in the middle of its answer.`,
      facts,
    );
  const code = (thrown as { code?: string }).code;
  return new SluiceError('upstream_unreachable', `${provider} could not be reached${code ? ` (${code})` : ''}.`, facts);
}

async function errorOf(
  response: Response,
  wire: ParsesErrors,
  provider: string,
  hide: (text: string) => string,
): Promise<SluiceError> {
  const text = hide(await readText(response, maxErrorBytes).catch(() => ''));
  const error = wire.parseError(response.status, text);
  const wait = error.facts.retryAfterMs ?? retryAfterMs(response.headers, Date.now());
  const requestId = response.headers.get('x-request-id') ?? response.headers.get('request-id');
  return new SluiceError(error.code, error.message, {
    ...error.facts,
    ...(wait !== undefined && { retryAfterMs: wait }),
    upstream: { ...error.facts.upstream, provider, status: response.status, ...(requestId && { requestId }) },
    cause: error.facts.cause ?? text.slice(0, 2000),
  });
}

/** A body as text, cut at `limit` bytes. */
export async function readText(response: Response, limit: number): Promise<string> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader?.read(); part?.value && length < limit; part = await reader?.read()) {
    length += part.value.length;
    parts.push(part.value);
  }
  reader?.cancel().catch(() => {});
  return new TextDecoder().decode(Buffer.concat(parts));
}

/** A body of unknown length, refused beyond the limit. */
async function readLimited(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    length += part.value.length;
    if (length > maxBodyBytes) {
      reader?.cancel().catch(() => {});
      throw new SluiceError('upstream_invalid_answer', `The provider's answer is longer than ${maxBodyBytes} bytes.`);
    }
    parts.push(part.value);
  }
  return Buffer.concat(parts);
}

const streamTypes = /^(text\/event-stream|application\/vnd\.amazon\.eventstream)/i;
const jsonTypes = /^application\/([\w.+-]*\+)?json/i;

function checkContentType(response: Response, stream: boolean, provider: string): void {
  const type = response.headers.get('content-type') ?? '';
  if (stream ? streamTypes.test(type) : jsonTypes.test(type)) return;
  response.body?.cancel().catch(() => {});
  throw new SluiceError(
    'upstream_invalid_answer',
    `${provider} answered with content type ${JSON.stringify(type.slice(0, 80))} where ${stream ? 'an event stream' : 'JSON'} was expected.`,
    { upstream: { provider, status: response.status } },
  );
}
