import { Code, Download, Eye, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button.tsx';
import type { Artifact } from './artifact-context.ts';
import { CodeBlock } from './code-block.tsx';
import { Markdown } from './markdown.tsx';

const extensions = { html: 'html', svg: 'svg', markdown: 'md', mermaid: 'mmd', react: 'tsx' };
const frames = {
  html: '/sandbox/page',
  svg: '/sandbox/page',
  mermaid: '/sandbox/diagram',
  react: '/sandbox/component',
};

/** What was made in the chat, shown beside it. Pages run in a frame of an origin of their own, which can reach nothing. */
export default function ArtifactPanel({ artifact: { kind, code }, onClose }: { artifact: Artifact; onClose(): void }) {
  const { t } = useTranslation();
  const [source, setSource] = useState(false);
  const save = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([code], { type: 'text/plain' }));
    link.download = `artifact.${extensions[kind]}`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <aside
      aria-label={t('Artifact')}
      className="fixed inset-0 z-30 flex flex-col border-l border-line bg-paper lg:static lg:w-[45%] lg:max-w-3xl lg:min-w-96"
    >
      <header className="flex h-12 items-center gap-1 border-b border-line px-3">
        <h2 className="flex-1 text-sm font-medium">{t('Artifact')}</h2>
        <Button look="quiet" size="small" aria-pressed={source} onClick={() => setSource(!source)}>
          {source ? <Eye className="size-4" /> : <Code className="size-4" />} {source ? t('Preview') : t('Source')}
        </Button>
        <Button look="quiet" size="icon-small" aria-label={t('Save')} onClick={save}>
          <Download className="size-4" />
        </Button>
        <Button look="quiet" size="icon-small" aria-label={t('Close')} onClick={onClose}>
          <X className="size-4" />
        </Button>
      </header>
      <div className="scrollbar-quiet min-h-0 flex-1 overflow-auto">
        {source ? (
          <div className="p-3">
            <CodeBlock code={code} language={kind === 'svg' ? 'xml' : kind === 'react' ? 'tsx' : kind} />
          </div>
        ) : kind === 'markdown' ? (
          <div className="p-5">
            <Markdown text={code} />
          </div>
        ) : (
          <Frame kind={kind} code={code} />
        )}
      </div>
    </aside>
  );
}

function Frame({ kind, code }: { kind: keyof typeof frames; code: string }) {
  const { t } = useTranslation();
  const frame = useRef<HTMLIFrameElement>(null);
  // Hands the page to the frame once it listens; it has an opaque origin, so no narrower target can be named.
  useEffect(() => {
    const onMessage = ({ source, data }: MessageEvent) => {
      if (source !== frame.current?.contentWindow || data !== 'ready') return;
      frame.current?.contentWindow?.postMessage({ kind, code }, '*');
    };
    addEventListener('message', onMessage);
    return () => removeEventListener('message', onMessage);
  }, [kind, code]);
  return (
    <iframe
      key={code}
      ref={frame}
      title={t('Artifact')}
      src={frames[kind]}
      sandbox="allow-scripts"
      referrerPolicy="no-referrer"
      className="size-full bg-white"
    />
  );
}
