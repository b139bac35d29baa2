import { hash as digest } from 'node:crypto';
import type { ModelCall } from '../../core/call.ts';
import type { Principal } from '../../core/principal.ts';
import { canonicalJson } from './canonical-json.ts';
import { normalChat, normalEmbeddingSettings } from './normal-request.ts';
import type { CacheScope } from './settings.ts';

/** Characters of bodies that are remembered, in all and of one. */
const mostRemembered = 16 * 1024 * 1024;
const longestRemembered = 64 * 1024;
const bytesOfMap = 200;

/**
 * Whose answers these are. It stands in every key as it is, not hashed: no two scopes can ever meet on a key, whatever the
 * hash of the rest does.
 */
export function scopeOf({ organisationId, keyId, userId }: Principal, scope: CacheScope): string {
  const organisation = encodeURIComponent(organisationId);
  if (scope === 'organisation') return `${organisation}/`;
  // A key that belongs to nobody is a user of its own.
  if (scope === 'user' && userId !== undefined) return `${organisation}/user/${encodeURIComponent(userId)}`;
  return `${organisation}/key/${encodeURIComponent(keyId)}`;
}

export const organisationPrefix = (organisationId: string): string => `${encodeURIComponent(organisationId)}/`;

export const sha256 = (text: string): string => digest('sha256', text, 'base64url');

/**
 * The second half of a key: SHA-256 of everything that decides the answer. A body that was seen before is known by its own
 * text, so that the request need not be brought into its normal form, nor hashed, again.
 */
export function createRequestHash() {
  /** By what stands beside the body, then by the body: a text that is put together anew would have to be copied. */
  let known = new Map<string, Map<string, string>>();
  let rememberedLength = 0;

  function remember(about: string, text: string, hash: string): void {
    rememberedLength += text.length;
    if (rememberedLength > mostRemembered) {
      known = new Map();
      rememberedLength = text.length;
    }
    let bodies = known.get(about);
    if (!bodies) {
      bodies = new Map();
      known.set(about, bodies);
      rememberedLength += about.length + bytesOfMap;
    }
    bodies.set(text, hash);
  }

  return function requestHash(call: ModelCall, model: string): string {
    const headers = headersThatMatter(call.passHeaders);
    const about = `${call.operation}\n${call.dialect}\n${headers}\n${call.mode ?? ''}\n${model}`;
    const text = call.raw?.text;
    const before = text === undefined ? undefined : known.get(about)?.get(text);
    if (before !== undefined) return before;
    const normal =
      call.operation === 'embeddings'
        ? normalEmbeddingSettings(call.request) + canonicalJson(call.request.inputs)
        : normalChat(call.request);
    // JSON holds no line end, so what stands before it cannot run into what follows.
    const hash = sha256(`${JSON.stringify([call.operation, model, call.mode, headers])}\n${normal}`);
    if (text !== undefined && text.length <= longestRemembered) remember(about, text, hash);
    return hash;
  };
}

/** A beta may change the answer; the ids of requests and the one version that everybody sends do not. */
export function headersThatMatter(headers: Record<string, string>): string {
  let text = '';
  for (const name of Object.keys(headers).sort()) {
    if (name === 'x-client-request-id' || (name === 'anthropic-version' && headers[name] === '2023-06-01')) continue;
    text += `${name}=${headers[name]};`;
  }
  return text;
}
