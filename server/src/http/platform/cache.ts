import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { cacheOverride } from '../../config/cache.ts';
import { formatUsd } from '../../core/money.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { CacheService } from '../../policy/cache/cache-service.ts';
import type { PlatformAccess } from './access.ts';
import { json, jsonBody, platformRoute } from './route.ts';

export interface CacheDeps {
  caches: CacheService;
  ledger: Pick<Ledger, 'flush'>;
}

const overrideSchema = z.strictObject(cacheOverride.shape).openapi('CacheOverride');
const settingsSchema = z
  .object({
    inForce: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'What holds: the file, and the override over it.' }),
    override: overrideSchema.nullable().openapi({ description: 'What your organisation says otherwise.' }),
  })
  .openapi('CacheSettings');

const name = z.string().min(1).max(500);
const invalidationSchema = z
  .union([
    z.strictObject({ all: z.literal(true) }),
    z.strictObject({ model: name.openapi({ description: 'As it was asked for, or as it answered.' }) }),
    z.strictObject({ tag: name.openapi({ description: 'A tag of the call that the answer was given to.' }) }),
    z.strictObject({ key: name.openapi({ description: '`x-sluice-cache-key` of the answer.' }) }),
  ])
  .openapi('CacheInvalidation');

const held = z.object({ entries: z.number().int(), bytes: z.number().int() });
const statsSchema = z
  .object({
    from: z.iso.datetime(),
    hits: z.number().int(),
    misses: z.number().int(),
    savedUsd: z.string(),
    byKind: z.record(z.string(), z.object({ requests: z.number().int(), savedUsd: z.string() })),
    entries: z.number().int().openapi({ description: 'What the replica that answers holds for your organisation.' }),
    bytes: z.number().int(),
    held: z.object({ exact: held, embeddings: held, semantic: held }),
  })
  .openapi('CacheStats');

const dayMs = 24 * 3600 * 1000;
const tags = ['Cache'];

/** `/api/v1/cache/…`: settings, invalidation and figures of the caches. */
export function mountCache(app: OpenAPIHono, access: PlatformAccess, { caches, ledger }: CacheDeps): void {
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/cache/settings',
      need: 'cache:write',
      tags,
      summary: 'The settings of the caches that hold for your organisation',
      responses: { 200: json('The settings.', settingsSchema) },
    },
    ({ principal }) => caches.settings(principal),
  );
  platformRoute(
    app,
    access,
    {
      method: 'put',
      path: '/api/v1/cache/settings',
      need: 'cache:write',
      tags,
      summary: 'Say otherwise than the file; replaces what was said before',
      request: { body: jsonBody(overrideSchema) },
      responses: { 200: json('The settings.', settingsSchema) },
    },
    async ({ principal, body }) => {
      await caches.change(principal, body);
      return caches.settings(principal);
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/cache/settings',
      need: 'cache:write',
      tags,
      summary: 'Go back to what the file says',
      responses: { 204: { description: 'Done.' } },
    },
    ({ principal }) => caches.reset(principal),
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/cache/invalidate',
      need: 'cache:write',
      tags,
      summary: 'Void stored answers of your organisation, on every replica',
      request: { body: jsonBody(invalidationSchema) },
      responses: { 200: json('How many this replica held.', z.object({ removed: z.number().int() })) },
    },
    async ({ principal, body }) => ({ removed: await caches.invalidate(principal, body) }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/cache/stats',
      need: 'usage:read',
      tags,
      summary: 'Hits, misses and what was saved',
      request: {
        query: z.object({
          from: z.iso
            .datetime({ offset: true })
            .optional()
            .openapi({ description: 'Calls at or after this time; a day ago unless said.' }),
        }),
      },
      responses: { 200: json('The figures.', statsSchema) },
    },
    async ({ principal, query }) => {
      const from = query.from ? new Date(query.from) : new Date(Date.now() - dayMs);
      await ledger.flush();
      const { sums, ...kept } = await caches.stats(principal, from);
      const hits = sums.filter(({ cache }) => cache !== 'none' && cache !== 'miss');
      const count = (rows: typeof sums) => rows.reduce((total, { requests }) => total + requests, 0);
      const all = Object.values(kept);
      return {
        from: from.toISOString(),
        hits: count(hits),
        misses: count(sums.filter(({ cache }) => cache === 'miss')),
        savedUsd: formatUsd(hits.reduce((total, { savedNanos }) => total + savedNanos, 0)),
        byKind: Object.fromEntries(
          sums.map(({ cache, requests, savedNanos }) => [cache, { requests, savedUsd: formatUsd(savedNanos) }]),
        ),
        entries: all.reduce((total, { entries }) => total + entries, 0),
        bytes: all.reduce((total, { bytes }) => total + bytes, 0),
        held: kept,
      };
    },
  );
}
