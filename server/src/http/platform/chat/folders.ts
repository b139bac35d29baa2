import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { ownerOf } from '../../../chat/owner.ts';
import { newId } from '../../../core/new-id.ts';
import { SluiceError } from '../../../core/sluice-error.ts';
import type { FolderStore } from '../../../store/folder-store.ts';
import type { PlatformAccess } from '../access.ts';
import { idParam, json, jsonBody, platformRoute } from '../route.ts';
import { folderSchema, settingsSchema, showFolder } from './fields.ts';

const tags = ['Chat'];
const fields = {
  name: z.string().trim().min(1).max(100),
  instructions: z.string().max(100_000).nullable().openapi({ description: 'What every chat in it is told first.' }),
  settings: settingsSchema.openapi({ description: 'How its chats are answered unless they say otherwise.' }),
};
const wishSchema = z
  .strictObject({
    kind: z.enum(['folder', 'project']).default('folder'),
    name: fields.name,
    instructions: fields.instructions.optional(),
    settings: fields.settings.optional(),
  })
  .openapi('ChatFolderWish');
const changeSchema = z.strictObject(fields).partial().openapi('ChatFolderChange');

/** `/api/v1/folders`: folders and projects that people put their chats in. */
export function mountFolders(app: OpenAPIHono, access: PlatformAccess, store: FolderStore): void {
  const noSuch = (id: string) => new SluiceError('not_found', `There is no folder ${JSON.stringify(id)}.`);

  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/folders',
      need: 'any',
      tags,
      summary: 'List your folders and projects, by name',
      responses: { 200: json('All of them.', z.object({ data: z.array(folderSchema) })) },
    },
    async ({ principal }) => ({ data: (await store.list(ownerOf(principal))).map(showFolder) }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/folders',
      need: 'any',
      tags,
      summary: 'Make a folder, or a project with instructions and files of its own',
      request: { body: jsonBody(wishSchema) },
      responses: { 201: json('The folder.', folderSchema) },
    },
    async ({ principal, body }) =>
      showFolder(await store.insert({ id: newId('fold_'), ...ownerOf(principal), ...body })),
  );
  platformRoute(
    app,
    access,
    {
      method: 'patch',
      path: '/api/v1/folders/{id}',
      need: 'any',
      tags,
      summary: 'Change a folder or project',
      request: { params: idParam, body: jsonBody(changeSchema) },
      responses: { 200: json('The folder.', folderSchema) },
    },
    async ({ principal, params: { id }, body }) => {
      const row = await store.update(ownerOf(principal), id, body);
      if (!row) throw noSuch(id);
      return showFolder(row);
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/folders/{id}',
      need: 'any',
      tags,
      summary: 'Remove a folder; its chats stay, the files of a project go',
      request: { params: idParam },
      responses: { 204: { description: 'It is gone.' } },
    },
    async ({ principal, params: { id } }) => {
      if (!(await store.remove(ownerOf(principal), id))) throw noSuch(id);
    },
  );
}
