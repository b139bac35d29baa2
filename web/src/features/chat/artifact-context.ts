import { createContext } from 'react';

export interface Artifact {
  kind: 'html' | 'svg' | 'markdown' | 'mermaid' | 'react';
  code: string;
}

/** Opens something that was made in a chat beside it; undefined where there is no room for that. */
export const ArtifactContext = createContext<((artifact: Artifact) => void) | undefined>(undefined);

/** What a block of code can be shown as, beside the code that it is. */
export function artifactKind(language: string | undefined, code: string): Artifact['kind'] | undefined {
  if (language === 'mermaid') return 'mermaid';
  if (language === 'svg' || ((language === 'xml' || language === 'html') && /^\s*<svg[\s>]/.test(code))) return 'svg';
  if (language === 'html') return 'html';
  if ((language === 'jsx' || language === 'tsx') && /\bexport\s+default\b|\b(function|const)\s+App\b/.test(code))
    return 'react';
  if (language === 'markdown' || language === 'md') return 'markdown';
  return undefined;
}
