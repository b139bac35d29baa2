import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { ownerOf } from '../../../chat/owner.ts';
import type { PreferenceStore } from '../../../store/preference-store.ts';
import type { PlatformAccess } from '../access.ts';
import { json, jsonBody, platformRoute } from '../route.ts';
import { settingsFields } from './fields.ts';

const preferencesSchema = z
  .strictObject({
    theme: z.enum(['system', 'light', 'dark']),
    language: z.string().max(20),
    /** What every model is told about this person. */
    instructions: z.string().max(20_000),
    model: settingsFields.model,
    mode: settingsFields.mode,
    compareModels: z.array(z.string().max(500)).max(4),
    fontSize: z.enum(['small', 'normal', 'large']),
    reduceMotion: z.boolean(),
    highContrast: z.boolean(),
    remoteImages: z.boolean(),
    sendOnEnter: z.boolean(),
    showCosts: z.boolean(),
  })
  .partial()
  .openapi('Preferences');

export interface PersonalDeps {
  preferences: PreferenceStore;
  /** Deletes everything that somebody has here but their account. */
  removeAll(principal: Parameters<typeof ownerOf>[0]): Promise<{ conversations: number }>;
}

/** `/api/v1/me/preferences` and `/api/v1/me/data`: how somebody likes the app, and everything that is theirs. */
export function mountPersonal(
  app: OpenAPIHono,
  access: PlatformAccess,
  { preferences, removeAll }: PersonalDeps,
): void {
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/me/preferences',
      need: 'any',
      tags: ['Users'],
      summary: 'How you like the app',
      responses: { 200: json('What you have chosen.', preferencesSchema) },
    },
    ({ principal }) => preferences.get(ownerOf(principal)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'patch',
      path: '/api/v1/me/preferences',
      need: 'any',
      tags: ['Users'],
      summary: 'Change how you like the app; what is not named stays',
      request: { body: jsonBody(preferencesSchema) },
      responses: { 200: json('What holds now.', preferencesSchema) },
    },
    async ({ principal, body }) => {
      const owner = ownerOf(principal);
      const settings = { ...(await preferences.get(owner)), ...body };
      await preferences.put(owner, settings);
      return settings;
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/me/data',
      need: 'any',
      tags: ['Users'],
      summary:
        'Delete all your conversations, files, prompts, links and preferences; the ledger keeps what was charged',
      responses: { 200: json('What was there.', z.object({ conversations: z.number().int() })) },
    },
    ({ principal }) => removeAll(principal),
  );
}
