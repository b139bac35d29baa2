import { ArrowDown } from 'lucide-react';
import { startTransition, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button.tsx';
import { CompareColumns } from './compare.tsx';
import { type MessageHandlers, MessageView } from './message-view.tsx';
import type { Shown } from './tree.ts';

const firstShown = 30;
const shownMore = 10;

/**
 * How many of so many messages are drawn: those at the end at once, the older ones bit by bit while nothing else is to be done, so
 * that a long chat opens as quickly as a short one.
 */
function useGradually(count: number): number {
  const [shown, setShown] = useState(firstShown);
  // Waits for the browser to have time.
  useEffect(() => {
    if (shown >= count) return;
    const more = () => startTransition(() => setShown((before) => before + shownMore));
    // Safari has no idle callbacks.
    if (typeof requestIdleCallback !== 'function') {
      const timer = setTimeout(more, 50);
      return () => clearTimeout(timer);
    }
    const waiting = requestIdleCallback(more, { timeout: 500 });
    return () => cancelIdleCallback(waiting);
  }, [shown, count]);
  return shown;
}

/** The messages, oldest first. It stays at the end while an answer grows, unless somebody scrolled up to read. */
export function Thread({
  branch,
  handlers,
  conversationId,
}: {
  branch: Shown[];
  handlers?: MessageHandlers;
  conversationId: string;
}) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [away, setAway] = useState(false);
  const shown = useGradually(branch.length);
  const toEnd = () => {
    const box = scroller.current;
    if (box) box.scrollTop = box.scrollHeight;
  };

  // Follows the height of the content, which grows by itself while an answer is made.
  useLayoutEffect(() => {
    void conversationId;
    atEnd.current = true;
    toEnd();
    const observer = new ResizeObserver(() => {
      if (atEnd.current) toEnd();
    });
    observer.observe(content.current!);
    observer.observe(scroller.current!);
    return () => observer.disconnect();
  }, [conversationId]);

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        role="log"
        aria-label={t('Messages')}
        tabIndex={0}
        className="scrollbar-quiet @container h-full overflow-y-auto overscroll-contain outline-offset-[-2px]"
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < 60;
          setAway(scrollHeight - scrollTop - clientHeight > 400);
        }}
      >
        <div ref={content} className="mx-auto flex w-full max-w-3xl flex-col gap-6 px-4 py-6 sm:px-6">
          {branch
            .slice(-shown)
            .map(({ message, siblings, compared }) =>
              compared.length > 1 ? (
                <CompareColumns
                  key={message.metadata.compare}
                  shown={message}
                  compared={compared}
                  handlers={handlers}
                />
              ) : (
                <MessageView key={message.id} message={message} siblings={siblings} handlers={handlers} />
              ),
            )}
        </div>
      </div>
      {away && (
        <Button
          size="icon-small"
          className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-pop"
          aria-label={t('To the end')}
          onClick={toEnd}
        >
          <ArrowDown className="size-4" />
        </Button>
      )}
    </div>
  );
}
