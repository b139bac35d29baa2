import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { SluiceError } from '../../core/sluice-error.ts';
import { lacks } from '../../identity/authorise.ts';
import { listedOrganisation } from '../../identity/organisation-of.ts';
import type { Tickets } from '../../realtime/tickets.ts';
import { problemResponse } from '../error-response.ts';
import type { PlatformAccess } from './access.ts';
import { askerOf, livePath } from './live-asker.ts';
import { json, platformRoute } from './route.ts';
import { organisationQuery } from './tenancy-fields.ts';

export interface LiveMetricsRoutesDeps {
  tickets: Pick<Tickets, 'issue'>;
  /** The origin that people log in at by this request; undefined when nobody may there. */
  originOf(request: Request): string | undefined;
}

const ticketSchema = z
  .object({
    ticket: z.string().openapi({ example: 'tkt_0123456789abcdef0123456789abcdef01234567' }),
    expiresAt: z.iso.datetime(),
  })
  .openapi('Ticket');

/** `/api/v1/metrics/tickets` and, as far as it is plain HTTP, `/api/v1/metrics/live`. */
export function mountLiveMetrics(
  app: OpenAPIHono,
  access: PlatformAccess,
  { tickets, originOf }: LiveMetricsRoutesDeps,
): void {
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/metrics/tickets',
      need: 'usage:read',
      tags: ['Usage'],
      summary: 'A ticket that opens the live figures once, within 30 seconds',
      description:
        'The figures are those of your organisation. An operator sees the whole gateway, or the organisation that is named.',
      request: { query: organisationQuery },
      responses: { 201: json('The ticket.', ticketSchema) },
    },
    async ({ query: { organisationId }, principal, context }) => {
      // One's own calls are not enough: the figures are everybody's.
      if (!principal.operator && !principal.permissions.has('usage:read')) throw lacks(principal, 'usage:read');
      const shown = listedOrganisation(principal, 'usage:read', 'usage', organisationId);
      const request = context.req.raw;
      const { ticket, expiresAt } = await tickets.issue(askerOf(request, principal, shown, originOf(request)));
      return Response.json(
        { ticket, expiresAt: expiresAt.toISOString() },
        { status: 201, headers: { 'cache-control': 'no-store' } },
      );
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: livePath,
      need: 'usage:read',
      tags: ['Usage'],
      summary: 'The live figures, as a WebSocket',
      description:
        'A message a second, after a first one with the last two minutes. It takes a ticket instead of a key; the messages are described [here](/docs/reference/live-metrics).',
      request: { query: z.object({ ticket: z.string().optional() }) },
      responses: { 101: { description: 'The socket is open.' } },
    },
    ({ principal, requestId }) => {
      // A request that wants a WebSocket never comes here.
      if (!principal.operator && !principal.permissions.has('usage:read')) throw lacks(principal, 'usage:read');
      const fault = new SluiceError(
        'upgrade_required',
        'These figures come by WebSocket: connect with a client of those.',
      );
      const response = problemResponse(fault, requestId);
      response.headers.set('upgrade', 'websocket');
      return response;
    },
  );
}
