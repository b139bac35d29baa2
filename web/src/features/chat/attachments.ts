import { useState } from 'react';
import { api, query, send } from '../../api/client.ts';
import type { StoredFile } from '../../api/types.ts';

export interface Attachment {
  key: string;
  name: string;
  mediaType: string;
  /** Shown before the server has it. */
  preview?: string;
  file?: StoredFile;
  error?: unknown;
}

export async function upload(file: File, folderId?: string): Promise<StoredFile> {
  const response = await send(`/api/v1/files${query({ name: file.name || 'file', folderId })}`, {
    method: 'POST',
    body: file,
  });
  return (await response.json()) as StoredFile;
}

/** The files that go with the next message; each is sent to the server as soon as it is chosen. */
export function useAttachments() {
  const [attachments, setAttachments] = useState<Attachment[]>([]);
  const change = (key: string, part: Partial<Attachment>) =>
    setAttachments((all) => all.map((each) => (each.key === key ? { ...each, ...part } : each)));

  function add(files: Iterable<File>): void {
    for (const file of files) {
      const key = crypto.randomUUID();
      const preview = file.type.startsWith('image/') ? URL.createObjectURL(file) : undefined;
      setAttachments((all) => [...all, { key, name: file.name, mediaType: file.type, preview }]);
      upload(file)
        .then((stored) => change(key, { file: stored, mediaType: stored.mediaType }))
        .catch((error: unknown) => change(key, { error }));
    }
  }
  function remove(key: string): void {
    const gone = attachments.find((each) => each.key === key);
    if (gone?.preview) URL.revokeObjectURL(gone.preview);
    if (gone?.file) void api.delete(`/api/v1/files/${gone.file.id}`).catch(() => {});
    setAttachments((all) => all.filter((each) => each.key !== key));
  }
  return {
    attachments,
    add,
    remove,
    /** They have gone with a message. */
    clear: () => setAttachments([]),
    uploading: attachments.some(({ file, error }) => !file && !error),
    ids: attachments.flatMap(({ file }) => (file ? [file.id] : [])),
  };
}
