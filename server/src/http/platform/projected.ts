import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { formatUsd } from '../../core/money.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { historyStartMs, project } from '../../ledger/projection.ts';
import type { CallStore } from '../../store/call-store.ts';
import type { PlatformAccess } from './access.ts';
import { json, platformRoute } from './route.ts';
import { filterOf, filterSchema } from './usage.ts';

export interface ProjectedDeps {
  calls: Pick<CallStore, 'usage'>;
  ledger: Pick<Ledger, 'flush'>;
  now?: () => number;
}

const usd = (description: string) => z.string().openapi({ description, example: '12.5' });

const projectedSchema = z
  .object({
    window: z.enum(['day', 'week', 'month']),
    startsAt: z.iso.datetime(),
    endsAt: z.iso.datetime(),
    spentUsd: usd('So far.'),
    linearUsd: usd('At the end, if it goes on as it did on average so far.'),
    weekdayUsd: usd(
      'At the end, if each day that is left costs what its weekday cost in the four weeks before; null without history.',
    ).nullable(),
  })
  .openapi('ProjectedSpend');

/** `GET /api/v1/spend/projected`: what this window will have cost at its end. */
export function mountProjected(
  app: OpenAPIHono,
  access: PlatformAccess,
  { calls, ledger, now = Date.now }: ProjectedDeps,
): void {
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/spend/projected',
      need: 'usage:read',
      tags: ['Usage'],
      summary: 'What this day, week or month will have cost at its end',
      request: {
        query: filterSchema
          .omit({ from: true, to: true })
          .extend({ window: z.enum(['day', 'week', 'month']).default('month') }),
      },
      responses: { 200: json('So far, and two projections.', projectedSchema) },
    },
    async ({ query: { window, ...query }, principal }) => {
      await ledger.flush();
      const nowMs = now();
      const filter = { ...filterOf(query, principal), from: new Date(historyStartMs(window, nowMs)) };
      const days = (await calls.usage(filter, 'day')).map(({ group, costNanos }) => ({ day: group, nanos: costNanos }));
      const { span, soFarNanos, linearNanos, weekdayNanos } = project(window, days, nowMs);
      return {
        window,
        startsAt: new Date(span.startMs).toISOString(),
        endsAt: new Date(span.endMs).toISOString(),
        spentUsd: formatUsd(soFarNanos),
        linearUsd: formatUsd(linearNanos),
        weekdayUsd: weekdayNanos === null ? null : formatUsd(weekdayNanos),
      };
    },
  );
}
