import { newId } from '../core/new-id.ts';
import type { Principal } from '../core/principal.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { FileFacts, FileRow, FileStore } from '../store/file-store.ts';
import type { FolderStore } from '../store/folder-store.ts';
import { mediaTypeOf } from './media-type.ts';
import { ownerOf } from './owner.ts';

export interface FileServiceDeps {
  store: FileStore;
  folders: FolderStore;
  /** Bytes that the files of one person may take together. */
  quotaBytes(): number;
}

/** Files that people attach. Every method throws `not_found` for what is not theirs. */
export function createFileService({ store, folders, quotaBytes }: FileServiceDeps) {
  async function found(principal: Principal, id: string): Promise<FileRow> {
    const row = await store.byId(ownerOf(principal), id);
    if (!row) throw noSuch('file', id);
    return row;
  }

  return {
    /** Throws `unsupported_media_type` for what no model can be given, and `body_too_large` when there is no room left. */
    async add(
      principal: Principal,
      { name, content, folderId }: { name: string; content: Uint8Array; folderId?: string },
    ): Promise<FileFacts> {
      const owner = ownerOf(principal);
      if (content.length === 0) throw new SluiceError('invalid_request', 'The file is empty.');
      if (folderId !== undefined && !(await folders.byId(owner, folderId))) throw noSuch('folder', folderId);
      const mediaType = await mediaTypeOf(content);
      if (mediaType === undefined) {
        throw new SluiceError(
          'unsupported_media_type',
          'Images (PNG, JPEG, GIF, WebP), PDF, sound and text can be attached; this file is none of them.',
        );
      }
      const most = quotaBytes();
      if ((await store.size(owner)) + content.length > most) {
        throw new SluiceError(
          'body_too_large',
          `Your files may take ${Math.floor(most / 1_048_576)} MB together. Delete some, then try again.`,
        );
      }
      return store.insert({
        id: newId('file_'),
        ...owner,
        folderId: folderId ?? null,
        name: name.slice(0, 300) || 'file',
        mediaType,
        size: content.length,
        content,
      });
    },
    async list(principal: Principal, folderId?: string): Promise<FileFacts[]> {
      return store.list(ownerOf(principal), folderId);
    },
    content: found,
    async remove(principal: Principal, id: string): Promise<void> {
      if (!(await store.remove(ownerOf(principal), id))) throw noSuch('file', id);
    },
  };
}

export type FileService = ReturnType<typeof createFileService>;

const noSuch = (what: string, id: string) => new SluiceError('not_found', `There is no ${what} ${JSON.stringify(id)}.`);
