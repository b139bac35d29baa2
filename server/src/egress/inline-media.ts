import type { ChatCall } from '../core/call.ts';
import type { MediaSource } from '../core/chat-request.ts';
import { invalidRequest, SluiceError } from '../core/sluice-error.ts';
import { baseTypeOf, type GuardedFetch, type GuardedFetchOptions } from './guarded-fetch.ts';
import { acceptedTypes, settleMediaType } from './media-type.ts';
import { hasRemote, type RemotePart, remoteParts, replaceSources } from './remote-part.ts';

export interface InlineMediaDeps {
  /** Limits the bytes and the time of each medium by itself. */
  fetchUrl: GuardedFetch;
}

/** What is asked of a provider here: whether it takes media by address. */
interface Reader {
  readonly quirks: { imageUrls?: boolean };
}

export type InlineMedia = (call: ChatCall, provider: Reader, signal: AbortSignal) => Promise<ChatCall>;

const maxMedia = 20;
/** Of one request: many times what providers take, and few enough that a small request cannot fill the memory. */
const maxTotalBytes = 64 * 1024 * 1024;

/**
 * Puts media that stand at http(s) addresses into the request itself, for providers that fetch nothing
 * (`quirks.imageUrls` false). The caller's own body no longer says the same then and is dropped. Without such media the
 * very same call comes back. Throws `invalid_request` for media that cannot be had: it is the caller's address that failed,
 * so neither the provider's health nor another target has a part in it.
 */
export function createInlineMedia({ fetchUrl }: InlineMediaDeps): InlineMedia {
  // A call that fails over to another target asks again; its media have been fetched already.
  const inlined = new WeakMap<ChatCall, Promise<ChatCall>>();

  return function inlineMedia(call, { quirks }, signal) {
    if (quirks.imageUrls !== false || !hasRemote(call.request)) return Promise.resolve(call);
    const before = inlined.get(call);
    if (before) return before;
    const result = fetchAll(call, signal);
    inlined.set(call, result);
    return result;
  };

  async function fetchAll(call: ChatCall, signal: AbortSignal): Promise<ChatCall> {
    const parts = remoteParts(call.request);
    const byAddress = new Map(parts.map((part) => [addressOf(part), part]));
    if (byAddress.size > maxMedia) {
      throw invalidRequest(
        `A request may name ${maxMedia} addresses of media; this one names ${byAddress.size}. Send the media themselves.`,
      );
    }
    const others = new AbortController();
    let total = 0;
    const options = {
      signal: AbortSignal.any([signal, others.signal]),
      onBytes(count: number) {
        total += count;
        if (total > maxTotalBytes) {
          throw invalidRequest(`The media of this request are longer than ${maxTotalBytes} bytes together.`);
        }
      },
    };
    try {
      const fetching = [...byAddress].map(async ([key, part]) => [key, await fetchSource(part, options)] as const);
      const sources = new Map(await Promise.all(fetching));
      return { ...call, request: replaceSources(call.request, (part) => sources.get(addressOf(part))), raw: undefined };
    } catch (thrown) {
      others.abort();
      throw thrown;
    }
  }

  async function fetchSource(part: RemotePart, { signal, onBytes }: GuardedFetchOptions): Promise<MediaSource> {
    const { url } = part.source;
    const accept = acceptedTypes[part.type];
    const { bytes, contentType } = await fetchUrl(url, { signal, onBytes, accept }).catch(asCallerFault);
    const answered = baseTypeOf(contentType);
    const mediaType = settleMediaType(part, answered, bytes);
    if (mediaType === undefined) throw invalidRequest(wrongType(part, answered));
    const content = mediaType.startsWith('text/') ? asUtf8(bytes, contentType) : bytes;
    return { kind: 'base64', data: content.toString('base64'), mediaType };
  }
}

/** One medium named twice is fetched once. */
const addressOf = ({ type, source }: RemotePart): string => `${type} ${source.mediaType ?? ''} ${source.url}`;

function asCallerFault(thrown: unknown): never {
  if (!(thrown instanceof SluiceError) || thrown.code !== 'upstream_unreachable') throw thrown;
  throw new SluiceError('invalid_request', `${thrown.message} Send the medium itself, or another address.`, {
    cause: thrown,
  });
}

function wrongType({ type, source }: RemotePart, answered: string): string {
  const host = new URL(source.url).host.slice(0, 100);
  if (type === 'image')
    return `The address on ${host} does not hold the PNG, JPEG, GIF or WebP image that it should (${JSON.stringify(answered.slice(0, 80))}).`;
  if (answered === 'application/pdf') return `The address on ${host} does not hold the PDF that it says.`;
  return `The address on ${host} does not say what kind of ${type} it holds.`;
}

/** Requests carry text in UTF-8, whatever its address keeps it in. */
function asUtf8(bytes: Buffer, contentType: string): Buffer {
  const charset = /;\s*charset="?([^\s";]+)/i.exec(contentType)?.[1]?.toLowerCase() ?? 'utf-8';
  try {
    return Buffer.from(new TextDecoder(charset).decode(bytes));
  } catch {
    return bytes; // a character set that nobody knows
  }
}
