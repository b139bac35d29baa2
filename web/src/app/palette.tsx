import { Dialog as Base } from '@base-ui/react/dialog';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import {
  BookMarked,
  EyeOff,
  LayoutDashboard,
  type LucideIcon,
  MessageSquare,
  Moon,
  Settings,
  SquarePen,
  Sun,
} from 'lucide-react';
import { type KeyboardEvent, useDeferredValue, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, query } from '../api/client.ts';
import { changePreferences, may, useMe } from '../api/queries.ts';
import type { Conversation } from '../api/types.ts';
import { cn } from '../ui/cn.ts';
import { inputClass } from '../ui/field.tsx';
import { ago } from '../ui/format.ts';
import { usePalette } from './palette-state.ts';

interface Entry {
  key: string;
  icon: LucideIcon;
  title: string;
  detail?: string;
  side?: string;
  run(): void;
}

/** One field that finds chats by their words and does what the app can do. */
export function Palette() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const me = useMe();
  const { view, show } = usePalette();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const words = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: ['search', words],
    enabled: words.length > 0,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) =>
      (
        await api.get<{ data: { conversation: Conversation; snippet: string }[] }>(
          `/api/v1/conversations/search${query({ q: words })}`,
          signal,
        )
      ).data,
  });
  const go = (run: () => void) => () => {
    show(undefined);
    setText('');
    setAt(0);
    run();
  };
  const commands: Entry[] = [
    { key: 'new', icon: SquarePen, title: t('New chat'), side: 'Ctrl Shift O', run: () => void navigate({ to: '/' }) },
    {
      key: 'temporary',
      icon: EyeOff,
      title: t('Temporary chat'),
      run: () => void navigate({ to: '/', search: { temporary: true } }),
    },
    { key: 'prompts', icon: BookMarked, title: t('Prompts'), run: () => void navigate({ to: '/prompts' }) },
    { key: 'settings', icon: Settings, title: t('Settings'), run: () => void navigate({ to: '/settings' }) },
    ...(may(me, 'usage:read')
      ? [
          {
            key: 'admin',
            icon: LayoutDashboard,
            title: t('Administration'),
            run: () => void navigate({ to: '/admin' }),
          },
        ]
      : []),
    { key: 'light', icon: Sun, title: t('Light theme'), run: () => void changePreferences({ theme: 'light' }) },
    { key: 'dark', icon: Moon, title: t('Dark theme'), run: () => void changePreferences({ theme: 'dark' }) },
  ];
  const entries: Entry[] = [
    ...commands.filter(({ title }) => title.toLowerCase().includes(words.toLowerCase())),
    ...(words === '' ? [] : (found.data ?? [])).map(
      ({ conversation, snippet }): Entry => ({
        key: conversation.id,
        icon: MessageSquare,
        title: conversation.title || t('Untitled'),
        detail: snippet,
        side: ago(conversation.updatedAt, i18n.language),
        run: () => void navigate({ to: '/c/$id', params: { id: conversation.id } }),
      }),
    ),
  ];
  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      const next = Math.max(0, Math.min(entries.length - 1, at + step));
      setAt(next);
      list.current?.querySelector(`[data-at="${next}"]`)?.scrollIntoView({ block: 'nearest' });
    }
    if (event.key === 'Enter' && entries[at]) {
      event.preventDefault();
      go(entries[at].run)();
    }
  }
  return (
    <Base.Root open={view === 'search'} onOpenChange={(open) => show(open ? 'search' : undefined)}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Base.Popup className="sheet fixed inset-x-3 top-[max(1rem,env(safe-area-inset-top))] z-40 mx-auto flex max-h-[80dvh] max-w-xl flex-col overflow-hidden rounded-card border border-line bg-raised shadow-pop outline-none sm:top-[12vh]">
          <Base.Title className="sr-only">{t('Search')}</Base.Title>
          <div className="border-b border-line p-2">
            <input
              className={cn(inputClass, 'h-10 border-transparent')}
              placeholder={t('Search chats, or what to do…')}
              aria-label={t('Search chats, or what to do…')}
              role="combobox"
              aria-expanded="true"
              aria-controls="palette-list"
              aria-activedescendant={entries[at] ? `palette-${at}` : undefined}
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setAt(0);
              }}
              onKeyDown={onKeyDown}
            />
          </div>
          <div
            ref={list}
            id="palette-list"
            role="listbox"
            tabIndex={-1}
            aria-label={t('Results')}
            className="scrollbar-quiet min-h-0 overflow-y-auto p-1.5"
          >
            {entries.map(({ key, icon: Icon, title, detail, side, run }, index) => (
              <div
                key={key}
                id={`palette-${index}`}
                data-at={index}
                role="option"
                tabIndex={-1}
                aria-selected={index === at}
                onClick={go(run)}
                className={cn(
                  'flex items-center gap-3 rounded-control px-2.5 py-2 text-sm',
                  index === at ? 'bg-sunken' : 'hover:bg-sunken',
                )}
              >
                <Icon className="size-4 shrink-0 text-quiet" />
                <span className="min-w-0 flex-1">
                  <span className="block truncate">{title}</span>
                  {detail && <span className="block truncate text-xs text-quiet">{detail}</span>}
                </span>
                {side && <span className="text-xs whitespace-nowrap text-faint">{side}</span>}
              </div>
            ))}
            {entries.length === 0 && (
              <p className="p-6 text-center text-sm text-quiet">
                {found.isFetching ? t('Searching…') : t('Nothing was said with these words.')}
              </p>
            )}
          </div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
