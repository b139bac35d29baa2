import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { ownerOf } from '../../../chat/owner.ts';
import { newId } from '../../../core/new-id.ts';
import type { Principal } from '../../../core/principal.ts';
import { SluiceError } from '../../../core/sluice-error.ts';
import type { PromptRow, PromptStore } from '../../../store/prompt-store.ts';
import type { PlatformAccess } from '../access.ts';
import { idParam, json, jsonBody, platformRoute } from '../route.ts';

const tags = ['Chat'];
const fields = {
  command: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'Use small letters, digits and dashes, 40 at most.')
    .openapi({ description: 'What is typed after a slash.' }),
  title: z.string().trim().min(1).max(100),
  text: z.string().min(1).max(50_000).openapi({ description: '`{{name}}` is asked for when the prompt is used.' }),
  shared: z.boolean().openapi({ description: 'Everybody in your organisation may use it.' }),
};
const wishSchema = z.strictObject({ ...fields, shared: fields.shared.default(false) }).openapi('PromptWish');
const changeSchema = z.strictObject(fields).partial().openapi('PromptChange');
const promptSchema = z
  .object({ id: z.string(), ...fields, mine: z.boolean(), updatedAt: z.iso.datetime() })
  .openapi('Prompt');

/** `/api/v1/prompts`: texts that people keep to ask again. */
export function mountPrompts(app: OpenAPIHono, access: PlatformAccess, store: PromptStore): void {
  const noSuch = (id: string) => new SluiceError('not_found', `You have no prompt ${JSON.stringify(id)}.`);

  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/prompts',
      need: 'any',
      tags,
      summary: 'List your prompts and those that others share',
      responses: { 200: json('By command.', z.object({ data: z.array(promptSchema) })) },
    },
    async ({ principal }) => ({ data: (await store.list(ownerOf(principal))).map((row) => show(row, principal)) }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/prompts',
      need: 'any',
      tags,
      summary: 'Keep a prompt',
      request: { body: jsonBody(wishSchema) },
      responses: { 201: json('The prompt.', promptSchema) },
    },
    async ({ principal, body }) =>
      show(await store.insert({ id: newId('prompt_'), ...ownerOf(principal), ...body }), principal),
  );
  platformRoute(
    app,
    access,
    {
      method: 'patch',
      path: '/api/v1/prompts/{id}',
      need: 'any',
      tags,
      summary: 'Change a prompt of yours',
      request: { params: idParam, body: jsonBody(changeSchema) },
      responses: { 200: json('The prompt.', promptSchema) },
    },
    async ({ principal, params: { id }, body }) => {
      const row = await store.update(ownerOf(principal), id, body);
      if (!row) throw noSuch(id);
      return show(row, principal);
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/prompts/{id}',
      need: 'any',
      tags,
      summary: 'Delete a prompt of yours',
      request: { params: idParam },
      responses: { 204: { description: 'It is gone.' } },
    },
    async ({ principal, params: { id } }) => {
      if (!(await store.remove(ownerOf(principal), id))) throw noSuch(id);
    },
  );
}

const show = ({ id, command, title, text, shared, ownerId, updatedAt }: PromptRow, principal: Principal) => ({
  id,
  command,
  title,
  text,
  shared,
  mine: ownerId === ownerOf(principal).ownerId,
  updatedAt: updatedAt.toISOString(),
});
