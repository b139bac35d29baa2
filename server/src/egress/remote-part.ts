import type {
  AudioPart,
  ChatRequest,
  DocumentPart,
  ImagePart,
  MediaSource,
  Part,
  VideoPart,
} from '../core/chat-request.ts';

type MediaPart = ImagePart | AudioPart | VideoPart | DocumentPart;

/** A medium that stands at an http(s) address. `s3:`, `gs:` and the like belong to their provider. */
export type RemotePart = MediaPart & { source: Extract<MediaSource, { kind: 'url' }> };

/** Whether any medium of the request, or of a tool's result in it, is remote. Allocates nothing. */
export function hasRemote({ messages }: ChatRequest): boolean {
  for (const { parts } of messages) {
    for (const part of parts) {
      if (part.type === 'tool-result' ? part.parts.some(isRemote) : isRemote(part)) return true;
    }
  }
  return false;
}

export function remoteParts({ messages }: ChatRequest): RemotePart[] {
  return messages
    .flatMap(({ parts }) => parts)
    .flatMap((part): Part[] => (part.type === 'tool-result' ? part.parts : [part]))
    .filter(isRemote);
}

/** The request with other sources for its remote media; the old request stays as it was. */
export function replaceSources(
  request: ChatRequest,
  sourceOf: (part: RemotePart) => MediaSource | undefined,
): ChatRequest {
  const replace = <P extends Part>(part: P): P =>
    isRemote(part) ? { ...part, source: sourceOf(part) ?? part.source } : part;
  const messages = request.messages.map((message) => ({
    ...message,
    parts: message.parts.map((part) =>
      part.type === 'tool-result' ? { ...part, parts: part.parts.map(replace) } : replace(part),
    ),
  }));
  return { ...request, messages };
}

function isRemote(part: Part): part is RemotePart {
  return 'source' in part && part.source.kind === 'url' && /^https?:/i.test(part.source.url);
}
