import type { ChatChunk } from '../../../shared/src/chat.ts';
import type { ChatEvent } from '../core/chat-event.ts';

/** Turns the events of one answer into chunks of the UI message stream; `close` ends what is still open. */
export function createChunker() {
  let open: { kind: 'text' | 'reasoning'; id: string } | undefined;
  let made = 0;

  function close(): ChatChunk[] {
    if (!open) return [];
    const { kind, id } = open;
    open = undefined;
    return [{ type: `${kind}-end`, id }];
  }

  function delta(kind: 'text' | 'reasoning', text: string): ChatChunk[] {
    const before = open?.kind === kind ? [] : close();
    if (!open) {
      open = { kind, id: String(++made) };
      before.push({ type: `${kind}-start`, id: open.id });
    }
    return text === '' ? before : [...before, { type: `${kind}-delta`, id: open.id, delta: text }];
  }

  return {
    /** Only the first choice is shown. Tools of a provider's own leave nothing here but their sources. */
    chunks(event: ChatEvent): ChatChunk[] {
      if ('choice' in event && event.choice !== 0) return [];
      switch (event.type) {
        case 'text-delta':
        case 'refusal-delta':
          return delta('text', event.text);
        case 'reasoning-delta':
          return delta('reasoning', event.text);
        case 'reasoning-end':
          return open?.kind === 'reasoning' ? close() : [];
        case 'citation': {
          const { url, title } = event.citation;
          // Only addresses that a page may be sent to; a `javascript:` one is not.
          if (url === undefined || !/^https?:\/\//i.test(url)) return [];
          return [{ type: 'source-url', sourceId: String(++made), url, ...(title !== undefined && { title }) }];
        }
        case 'media':
          return [
            ...close(),
            { type: 'file', mediaType: event.mediaType, url: `data:${event.mediaType};base64,${event.data}` },
          ];
        default:
          return [];
      }
    },
    close,
  };
}
