import { marked } from 'marked';
import { memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import remend from 'remend';
import { usePreferences } from '../../api/queries.ts';
import { CodeBlock } from './code-block.tsx';
import { useMath } from './math.ts';

const gfm = [remarkGfm];

/**
 * The words of a model. It is cut into blocks, so that while it grows only the last block is read anew. HTML in it is shown as text,
 * and images of other hosts are links unless the reader allows them: an image can carry words away.
 */
export const RichText = memo(function RichText({ text, growing = false }: { text: string; growing?: boolean }) {
  const blocks = useMemo(() => marked.lexer(text).map(({ raw }) => raw), [text]);
  return (
    <div className={growing ? 'prose writing' : 'prose'} dir="auto">
      {blocks.map((block, at) => (
        <Block key={at} text={growing && at === blocks.length - 1 ? remend(block) : block} />
      ))}
    </div>
  );
});

const Block = memo(function Block({ text }: { text: string }) {
  const math = useMath(text);
  if (text.trim() === '') return null;
  return (
    <div className="block">
      <ReactMarkdown
        remarkPlugins={math ? [...gfm, math.remark] : gfm}
        rehypePlugins={math ? [math.rehype] : undefined}
        components={components}
        skipHtml={false}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
});

function Picture({ src, alt }: { src?: unknown; alt?: string }) {
  const { t } = useTranslation();
  const { remoteImages = false } = usePreferences();
  if (typeof src !== 'string' || src === '') return null;
  const own = src.startsWith('data:image/') || src.startsWith('/api/v1/files/');
  if (own || remoteImages)
    return (
      <img src={src} alt={alt ?? ''} className="max-h-96 rounded-control" loading="lazy" referrerPolicy="no-referrer" />
    );
  return (
    <a href={src} target="_blank" rel="noopener noreferrer nofollow">
      {t('Image: {{name}}', { name: alt || src })}
    </a>
  );
}

const components: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  img: Picture,
  pre: ({ children }) => children,
  code: ({ className, children }) => {
    const language = /language-([\w+#-]+)/.exec(className ?? '')?.[1];
    const text = String(children);
    // Only blocks end with a line break.
    if (language === undefined && !text.endsWith('\n')) return <code>{children}</code>;
    return <CodeBlock code={text.replace(/\n$/, '')} language={language} />;
  },
  table: ({ children }) => (
    <div className="scrollbar-quiet overflow-x-auto" tabIndex={0} role="region">
      <table>{children}</table>
    </div>
  ),
};
