import { lazy, Suspense } from 'react';

const load = () => import('./rich-text.tsx');
const RichText = lazy(async () => ({ default: (await load()).RichText }));

// What reads Markdown is a third of the app: it is fetched when the page has been drawn, and the words stand there meanwhile.
if (typeof requestIdleCallback === 'function') requestIdleCallback(() => void load());
else setTimeout(load, 500);

/** The words of a model, with everything that Markdown can say. */
export function Markdown({ text, growing = false }: { text: string; growing?: boolean }) {
  return (
    <Suspense
      fallback={
        <div className="prose whitespace-pre-wrap" dir="auto">
          {text}
        </div>
      }
    >
      <RichText text={text} growing={growing} />
    </Suspense>
  );
}
