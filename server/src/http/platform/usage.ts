import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { formatUsd } from '../../core/money.ts';
import type { Principal } from '../../core/principal.ts';
import { invalidRequest, SluiceError } from '../../core/sluice-error.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { FeedbackService } from '../../policy/learning/feedback-service.ts';
import type { CallFilter, CallPlace, CallStore, StoredCall, UsageRow } from '../../store/call-store.ts';
import type { FeedbackRow } from '../../store/learning-store.ts';
import type { PlatformAccess } from './access.ts';
import { json, jsonBody, platformRoute } from './route.ts';

export interface UsageDeps {
  calls: CallStore;
  ledger: Pick<Ledger, 'flush'>;
  feedback: FeedbackService;
}

/** Which calls are meant. */
export const filterSchema = z.object({
  from: z.iso.datetime({ offset: true }).optional().openapi({ description: 'Calls at or after this time.' }),
  to: z.iso.datetime({ offset: true }).optional().openapi({ description: 'Calls before this time.' }),
  key: z
    .string()
    .optional()
    .openapi({ description: 'The id of a key; keys without the role admin see their own calls only.' }),
  model: z.string().optional(),
  provider: z.string().optional(),
});

const money = z.string().openapi({ description: 'US dollars as a decimal string.', example: '0.001234' });
const sumsSchema = z.object({
  requests: z.number().int(),
  errors: z.number().int(),
  inputTokens: z.number().int().openapi({ description: 'Input tokens that were not cached.' }),
  cacheReadTokens: z.number().int(),
  cacheWriteTokens: z.number().int(),
  outputTokens: z.number().int(),
  reasoningTokens: z.number().int().openapi({ description: 'The part of the output that was thinking.' }),
  totalTokens: z.number().int(),
  costUsd: money,
  savedUsd: money,
  unpriced: z.number().int().openapi({ description: 'Calls whose price is unknown: they are not in the cost.' }),
});
const percentilesSchema = z.object({
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
});
const statsSchema = sumsSchema
  .extend({ latencyMs: percentilesSchema, firstTokenMs: percentilesSchema })
  .openapi('Stats');
const usageSchema = z
  .object({ by: z.string(), data: z.array(sumsSchema.extend({ group: z.string() })) })
  .openapi('Usage');
const callSchema = z.record(z.string(), z.unknown()).openapi('Call');

/** `/api/v1/usage`, `/api/v1/stats` and `/api/v1/calls`: what the ledger says. */
export function mountUsage(app: OpenAPIHono, access: PlatformAccess, { calls, ledger, feedback }: UsageDeps): void {
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/usage',
      need: 'usage:read',
      tags: ['Usage'],
      summary: 'Usage and cost by day, key, model or provider',
      request: { query: filterSchema.extend({ by: z.enum(['day', 'key', 'model', 'provider']).default('day') }) },
      responses: { 200: json('A row a group.', usageSchema) },
    },
    async ({ query: { by, ...query }, principal }) => {
      await ledger.flush();
      const rows = await calls.usage(filterOf(query, principal), by);
      return { by, data: rows.map((row) => ({ group: row.group, ...presentSums(row) })) };
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/stats',
      need: 'usage:read',
      tags: ['Usage'],
      summary: 'Totals, cost, what was saved, and latency percentiles',
      request: { query: filterSchema },
      responses: { 200: json('The totals.', statsSchema) },
    },
    async ({ query, principal }) => {
      await ledger.flush();
      const row = await calls.stats(filterOf(query, principal));
      return {
        ...presentSums(row),
        latencyMs: { p50: row.latencyP50, p95: row.latencyP95, p99: row.latencyP99 },
        firstTokenMs: { p50: row.firstTokenP50, p95: row.firstTokenP95, p99: row.firstTokenP99 },
      };
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/calls',
      need: 'usage:read',
      tags: ['Usage'],
      summary: 'Calls, newest first',
      request: {
        query: filterSchema.extend({
          limit: z.coerce.number().int().min(1).max(1000).default(100),
          before: z.string().optional().openapi({ description: '`next` of the page before.' }),
        }),
      },
      responses: {
        200: json(
          'The calls, and where the next page begins; null when there is none.',
          z.object({ data: z.array(callSchema), next: z.string().nullable() }),
        ),
      },
    },
    async ({ query: { limit, before, ...query }, principal }) => {
      const after = before === undefined ? undefined : readPlace(before);
      await ledger.flush();
      const { rows, next } = await calls.list(filterOf(query, principal), limit, after);
      return { data: rows.map(presentCall), next: next ? writePlace(next) : null };
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/calls/{requestId}',
      need: 'usage:read',
      tags: ['Usage'],
      summary: 'One call: what was asked, tried, used and charged',
      request: { params: requestParam },
      responses: { 200: json('The call.', callSchema) },
    },
    async ({ params: { requestId }, principal }) => {
      const call = await find(requestId, principal);
      return { ...presentCall(call), feedback: presentFeedback(await feedback.of(requestId)) };
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'put',
      path: '/api/v1/calls/{requestId}/feedback',
      need: 'usage:read',
      tags: ['Usage'],
      summary: 'Say what you think of an answer; routing learns from it where that is on',
      request: { params: requestParam, body: jsonBody(feedbackWish) },
      responses: { 200: json('What is kept.', feedbackSchema) },
    },
    async ({ params: { requestId }, principal, body: { score, note } }) => {
      const { organisationId } = await find(requestId, principal);
      return presentFeedback(await feedback.give(principal, { requestId, organisationId, score, note }));
    },
  );

  async function find(requestId: string, principal: Principal): Promise<StoredCall> {
    await ledger.flush();
    const call = await calls.byRequestId(requestId);
    if (call && maySee(call, principal)) return call;
    throw new SluiceError('not_found', `There is no call ${JSON.stringify(requestId)}.`);
  }
}

const requestParam = z.object({ requestId: z.string().openapi({ param: { name: 'requestId', in: 'path' } }) });
const feedbackWish = z
  .strictObject({
    score: z.number().min(0).max(1).openapi({ description: '0 is bad, 1 is good.' }),
    note: z.string().max(2000).optional(),
  })
  .openapi('NewFeedback');
const feedbackSchema = z
  .object({ score: z.number(), note: z.string().nullable(), at: z.iso.datetime() })
  .openapi('Feedback');

const presentFeedback = (row: FeedbackRow | undefined) =>
  row ? { score: row.score, note: row.note, at: row.at.toISOString() } : null;

/** An operator sees every call, who may read the organisation's usage those of the organisation, the others their own. */
function maySee(call: StoredCall, principal: Principal): boolean {
  if (principal.operator) return true;
  if (call.organisationId !== principal.organisationId) return false;
  if (principal.permissions.has('usage:read') || call.keyId === principal.keyId) return true;
  return principal.userId !== undefined && call.userId === principal.userId;
}

/** The filter, narrowed to what the asker may see. Throws `forbidden`. */
const placeSchema = z.tuple([z.string().max(64), z.string().max(200), z.string().max(50)]);

const writePlace = ({ at, requestId, kind }: CallPlace): string =>
  Buffer.from(JSON.stringify([at, requestId, kind])).toString('base64url');

/** Throws `invalid_request`. */
function readPlace(text: string): CallPlace {
  try {
    const [at, requestId, kind] = placeSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    if (Number.isNaN(Date.parse(at.replace(/([+-]\d\d)$/, '$1:00')))) throw new Error('no time');
    return { at, requestId, kind };
  } catch {
    throw invalidRequest('`before` is not the `next` of a page.', 'before');
  }
}

export function filterOf(
  { from, to, key, model, provider }: z.infer<typeof filterSchema>,
  principal: Principal,
): CallFilter {
  const filter: CallFilter = {
    ...(from && { from: new Date(from) }),
    ...(to && { to: new Date(to) }),
    keyId: key,
    model,
    provider,
  };
  if (principal.operator) return filter;
  filter.organisationId = principal.organisationId;
  if (principal.permissions.has('usage:read')) return filter;
  if (principal.userId !== undefined) return { ...filter, userId: principal.userId };
  if (key !== undefined && key !== principal.keyId) {
    throw new SluiceError(
      'forbidden',
      'This key sees its own calls only; those of others need the permission usage:read.',
    );
  }
  return { ...filter, keyId: principal.keyId };
}

type Sums = Omit<UsageRow, 'group'>;

const presentSums = (row: Sums) => ({
  requests: row.requests,
  errors: row.errors,
  inputTokens: row.input,
  cacheReadTokens: row.cacheRead,
  cacheWriteTokens: row.cacheWrite,
  outputTokens: row.output,
  reasoningTokens: row.reasoning,
  totalTokens: row.totalTokens,
  costUsd: formatUsd(row.costNanos),
  savedUsd: formatUsd(row.savedNanos),
  unpriced: row.unpriced,
});

const presentCall = ({ at, costNanos, baselineNanos, kind: _, ...call }: StoredCall) => ({
  ...call,
  at: at.toISOString(),
  costUsd: costNanos === null ? null : formatUsd(costNanos),
  savedUsd: costNanos === null || baselineNanos === null ? null : formatUsd(baselineNanos - costNanos),
});
