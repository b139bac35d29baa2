import type { ChatPart } from '../../../../shared/src/chat.ts';

export interface MarkdownMessage {
  role: 'user' | 'assistant';
  parts: readonly ChatPart[];
  metadata: { model?: string };
}

/** The branch that is shown as one Markdown document. Thinking is left out; files are named. */
export function toMarkdown(title: string, messages: readonly MarkdownMessage[]): string {
  const sections = messages.map(({ role, parts, metadata }) => {
    const body = parts.flatMap((part) => {
      if (part.type === 'text') return [part.text.trim()];
      if (part.type === 'file') return [`*${part.filename ?? part.mediaType}*`];
      if (part.type === 'source-url') return [`- [${part.title ?? part.url}](${part.url})`];
      return [];
    });
    const who = role === 'user' ? 'You' : (metadata.model ?? 'Assistant');
    return `## ${who}\n\n${body.join('\n\n')}`;
  });
  return `# ${title || 'Chat'}\n\n${sections.join('\n\n')}\n`;
}
