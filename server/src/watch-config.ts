import { watch as watchFile } from 'node:fs';
import { join } from 'node:path';

/** Editors replace files rather than write them, so the folder is watched; several events in a row are one change. */
export function watchConfig(path: string, onChange: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const watcher = watchFile(join(path, '..'), (_event, name) => {
      if (name !== null && !path.endsWith(name)) return;
      clearTimeout(timer);
      timer = setTimeout(onChange, 100);
    });
    watcher.unref?.();
    return () => {
      clearTimeout(timer);
      watcher.close();
    };
  } catch {
    return () => {};
  }
}
