import { Check, Copy, Eye } from 'lucide-react';
import { memo, useContext, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCopy } from '../../ui/copy.ts';
import { ArtifactContext, artifactKind } from './artifact-context.ts';
import type { Colouring } from './highlight.ts';

/** Code with its language, a button to copy it, and colours once they have been fetched. */
export const CodeBlock = memo(function CodeBlock({ code, language }: { code: string; language?: string }) {
  const { t } = useTranslation();
  const [copied, copy] = useCopy();
  const [colours, setColours] = useState<Colouring>();
  const openArtifact = useContext(ArtifactContext);
  const kind = artifactKind(language, code);

  // Fetches the part of the app that knows the language, and colours what is there when the text rests.
  useEffect(() => {
    if (language === undefined || code.length > 100_000) return;
    let current = true;
    const timer = setTimeout(() => {
      void import('./highlight.ts')
        .then(({ highlight }) => highlight(code, language))
        .then((found) => current && setColours(found));
    }, 60);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [code, language]);

  return (
    <figure className="overflow-hidden rounded-control border border-line bg-sunken text-[0.8125rem]">
      <figcaption className="flex items-center gap-1 border-b border-line py-1 pr-1 pl-3 text-xs text-quiet">
        <span className="flex-1 font-mono">{language ?? t('text')}</span>
        {kind && openArtifact && (
          <button
            type="button"
            className="flex items-center gap-1.5 rounded-md px-2 py-1 hover:bg-raised hover:text-ink"
            onClick={() => openArtifact({ kind, code })}
          >
            <Eye className="size-3.5" /> {t('Preview')}
          </button>
        )}
        <button
          type="button"
          className="flex items-center gap-1.5 rounded-md px-2 py-1 hover:bg-raised hover:text-ink"
          onClick={() => copy(code)}
        >
          {copied ? <Check className="size-3.5" /> : <Copy className="size-3.5" />}
          {copied ? t('Copied') : t('Copy')}
        </button>
      </figcaption>
      <pre className="shiki scrollbar-quiet overflow-x-auto p-3 font-mono leading-relaxed" tabIndex={0}>
        <code>
          {colours?.code === code
            ? colours.lines.map((line, at) => (
                <span key={at}>
                  {line.map(({ content, style }, column) => (
                    <span key={column} style={style}>
                      {content}
                    </span>
                  ))}
                  {'\n'}
                </span>
              ))
            : code}
        </code>
      </pre>
    </figure>
  );
});
