import type { CacheMarker } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { check } from './check.ts';
import { cacheSchema } from './request-schemas.ts';

/** The `cache_control` of a block as a marker; null and absent mean none. */
export function readCache(block: JsonObject, path: string): CacheMarker | undefined {
  if (block.cache_control === undefined || block.cache_control === null) return undefined;
  const { ttl } = check(cacheSchema, block.cache_control, `${path}.cache_control`);
  return ttl ? { ttl } : {};
}

/** The `cache_control` field of a block, to be spread into it. */
export const cacheControl = (cache: CacheMarker | undefined): JsonObject =>
  cache ? { cache_control: cache.ttl ? { type: 'ephemeral', ttl: cache.ttl } : { type: 'ephemeral' } } : {};
