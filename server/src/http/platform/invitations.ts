import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type InvitationService, invitationDays, mostInvitationDays } from '../../identity/invitation-service.ts';
import type { InvitationRow } from '../../store/invitation-store.ts';
import type { PlatformAccess } from './access.ts';
import { idParam, json, jsonBody, platformRoute } from './route.ts';
import { organisationField, organisationQuery } from './tenancy-fields.ts';

const tags = ['Invitations'];

const invitationSchema = z
  .object({
    id: z.string(),
    organisationId: z.string(),
    email: z.string(),
    role: z.string(),
    teamIds: z.array(z.string()),
    invitedBy: z.string().openapi({ description: 'The id of the person or key that sent it.' }),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    acceptedAt: z.iso.datetime().nullable(),
    revokedAt: z.iso.datetime().nullable(),
  })
  .openapi('Invitation');

const createdSchema = invitationSchema
  .extend({ token: z.string().openapi({ description: 'What lets the invited person in, shown this once.' }) })
  .openapi('CreatedInvitation');

const newSchema = z
  .strictObject({
    email: z.email().max(320),
    role: z.string().min(1).max(200).default('member'),
    teamIds: z.array(z.string().min(1).max(200)).max(100).default([]),
    organisationId: organisationField,
    expiresAt: z.iso
      .datetime({ offset: true })
      .optional()
      .openapi({ description: `In ${invitationDays} days by default, in ${mostInvitationDays} at most.` }),
  })
  .openapi('NewInvitation');

/** `/api/v1/invitations`: invite, list, withdraw. They are accepted where people log in. */
export function mountInvitations(app: OpenAPIHono, access: PlatformAccess, invitations: InvitationService): void {
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/invitations',
      need: 'members:read',
      tags,
      summary: 'List invitations, newest first',
      request: { query: organisationQuery },
      responses: { 200: json('The invitations.', z.object({ data: z.array(invitationSchema) })) },
    },
    async ({ principal, query }) => ({ data: (await invitations.list(principal, query.organisationId)).map(present) }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/invitations',
      need: 'members:write',
      tags,
      summary: 'Invite somebody; an earlier invitation to the address ends',
      description: 'The role may allow no more than you may do yourself.',
      request: { body: jsonBody(newSchema) },
      responses: { 201: json('The invitation with its token, shown once.', createdSchema) },
    },
    async ({ principal, body: { expiresAt, ...wish } }) => {
      const { row, token } = await invitations.create(principal, {
        ...wish,
        ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
      });
      return { ...present(row), token };
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/invitations/{id}',
      need: 'members:write',
      tags,
      summary: 'Withdraw an invitation',
      request: { params: idParam },
      responses: { 200: json('The invitation, withdrawn.', invitationSchema) },
    },
    async ({ principal, params: { id } }) => present(await invitations.revoke(principal, id)),
  );
}

const present = ({ tokenHash: _, createdAt, expiresAt, acceptedAt, revokedAt, ...row }: InvitationRow) => ({
  ...row,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
  acceptedAt: acceptedAt?.toISOString() ?? null,
  revokedAt: revokedAt?.toISOString() ?? null,
});
