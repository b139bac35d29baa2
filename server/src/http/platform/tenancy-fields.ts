import { z } from '@hono/zod-openapi';
import { permissions } from '../../core/principal.ts';

/** Forms that the routes of organisations, teams, users, roles and invitations share. */
export const organisationQuery = z.object({
  organisationId: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .openapi({ description: 'The id of an organisation; without it your own. Operators may name any.' }),
});

/** The same in the body of something new. */
export const organisationField = organisationQuery.shape.organisationId;

export const name = z.string().trim().min(1).max(200);
export const status = z.enum(['active', 'suspended']);
export const permission = z.enum(permissions);
export const permissionList = z
  .array(permission)
  .max(permissions.length)
  .transform((list) => [...new Set(list)]);

export const tags = ['Organisations'];
