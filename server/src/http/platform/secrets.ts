import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ProviderKeyService } from '../../identity/provider-key-service.ts';
import type { SecretKeeping } from '../../identity/rewrap.ts';
import type { AuditLog } from '../../store/audit-query.ts';
import type { PlatformAccess } from './access.ts';
import { mountAudit } from './audit.ts';
import { mountProviderKeys } from './provider-keys.ts';
import { json, platformRoute } from './route.ts';

export interface SecretsRoutesDeps {
  audit: AuditLog;
  providerKeys: ProviderKeyService;
  keeping: SecretKeeping;
}

const version = z.number().int();
const statusSchema = z
  .object({
    newest: version.openapi({ description: 'The version of the master key that new secrets are sealed under.' }),
    versions: z.array(version),
    sealedUnder: z.array(z.object({ version, count: z.number().int() })),
  })
  .openapi('SecretsStatus');
const rewrappedSchema = z
  .object({
    masterVersion: version,
    rewrapped: z.number().int(),
    failed: z.array(z.string()).openapi({ description: 'Those that do not open: ids of provider keys.' }),
  })
  .openapi('Rewrapped');

/** `/api/v1/audit`, `/api/v1/provider-keys` and `/api/v1/secrets`. */
export function mountSecrets(
  app: OpenAPIHono,
  access: PlatformAccess,
  { audit, providerKeys, keeping }: SecretsRoutesDeps,
): void {
  mountAudit(app, access, audit);
  mountProviderKeys(app, access, providerKeys);
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/secrets',
      need: 'operator',
      tags: ['Secrets'],
      summary: 'Which master keys there are, and how many stored secrets are under each',
      responses: { 200: json('The figures.', statusSchema) },
    },
    ({ principal }) => keeping.status(principal),
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/secrets/rewrap',
      need: 'operator',
      tags: ['Secrets'],
      summary: 'Wrap every stored secret under the newest master key, while calls go on',
      responses: { 200: json('What was done.', rewrappedSchema) },
    },
    ({ principal }) => keeping.rewrap(principal),
  );
}
