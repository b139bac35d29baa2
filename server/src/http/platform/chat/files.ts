import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { FileService } from '../../../chat/file-service.ts';
import type { FileFacts } from '../../../store/file-store.ts';
import { readBytes } from '../../read-bytes.ts';
import type { PlatformAccess } from '../access.ts';
import { idParam, json, platformRoute } from '../route.ts';

const tags = ['Chat'];
const fileSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    mediaType: z.string().openapi({ description: 'By what is in the file.' }),
    size: z.number().int().openapi({ description: 'Bytes.' }),
    folderId: z.string().nullable(),
    url: z.string(),
    createdAt: z.iso.datetime(),
  })
  .openapi('File');

export interface FileRouteDeps {
  service: FileService;
  /** The longest file that is taken, in bytes. */
  fileBytes(): number;
}

/** `/api/v1/files`: what people attach to chats and projects. */
export function mountFiles(app: OpenAPIHono, access: PlatformAccess, { service, fileBytes }: FileRouteDeps): void {
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/files',
      need: 'models:use',
      tags,
      summary: 'Add a file: the body is the file itself',
      raw: true,
      request: {
        query: z.object({
          name: z.string().min(1).max(300),
          folderId: z.string().optional().openapi({ description: 'The project that it belongs to.' }),
        }),
        body: { content: { 'application/octet-stream': { schema: z.any().openapi({ format: 'binary' }) } } },
      },
      responses: { 201: json('The file.', fileSchema) },
    },
    async ({ principal, query: { name, folderId }, context }) => {
      const content = await readBytes(context.req.raw, fileBytes());
      return showFile(await service.add(principal, { name, content, folderId }));
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/files',
      need: 'any',
      tags,
      summary: 'List your files: those of a project, or those of no project',
      request: { query: z.object({ folderId: z.string().optional() }) },
      responses: { 200: json('Newest first.', z.object({ data: z.array(fileSchema) })) },
    },
    async ({ principal, query: { folderId } }) => ({ data: (await service.list(principal, folderId)).map(showFile) }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/files/{id}/content',
      need: 'any',
      tags,
      summary: 'What is in a file',
      request: { params: idParam },
      responses: { 200: { description: 'The file itself.' } },
    },
    async ({ principal, params: { id } }) => {
      const { mediaType, content, name } = await service.content(principal, id);
      // Pictures and sounds may be shown; everything else is only ever saved.
      const shown = /^(image|audio)\//.test(mediaType);
      return new Response(content as Uint8Array<ArrayBuffer>, {
        headers: {
          'content-type': shown || mediaType === 'application/pdf' ? mediaType : 'application/octet-stream',
          'content-disposition': `${shown ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(name)}`,
          'content-security-policy': "default-src 'none'; sandbox",
          'x-content-type-options': 'nosniff',
          'cross-origin-resource-policy': 'same-origin',
          'cache-control': 'private, no-store',
        },
      });
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/files/{id}',
      need: 'any',
      tags,
      summary: 'Delete a file; messages that hold it say that it is gone',
      request: { params: idParam },
      responses: { 204: { description: 'It is gone.' } },
    },
    ({ principal, params: { id } }) => service.remove(principal, id),
  );
}

const showFile = ({ id, name, mediaType, size, folderId, createdAt }: FileFacts) => ({
  id,
  name,
  mediaType,
  size,
  folderId,
  url: `/api/v1/files/${id}/content`,
  createdAt: createdAt.toISOString(),
});
