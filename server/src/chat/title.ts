import { type ChatPart, textOfParts } from '../../../shared/src/chat.ts';

const longest = 60;

/** What a chat is called until somebody names it: the beginning of the first message, at the end of a word; or the file's name. */
export function titleOf(parts: readonly ChatPart[]): string {
  const line = textOfParts(parts)
    .replace(/```[\s\S]*?(```|$)/g, ' ')
    .replace(/[#*_`>~]+/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  if (line === '') return parts.find((part) => part.type === 'file')?.filename ?? '';
  const characters = [...line];
  if (characters.length <= longest) return line;
  const cut = characters.slice(0, longest).join('');
  const space = cut.lastIndexOf(' ');
  return `${(space > longest / 2 ? cut.slice(0, space) : cut).replace(/[\s,;:.–-]+$/, '')}…`;
}
