import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import {
  BookMarked,
  ChevronsUpDown,
  CircleHelp,
  EllipsisVertical,
  Folder,
  FolderOpen,
  LayoutDashboard,
  LogOut,
  PanelLeft,
  Plus,
  Search,
  Settings,
  SquarePen,
} from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client.ts';
import { conversationsPage, foldersQuery, may, meQuery, queryClient, sessionQuery } from '../api/queries.ts';
import type { Conversation } from '../api/types.ts';
import { ChatMenu } from '../features/chat/chat-menu.tsx';
import { FolderDialog } from '../features/chat/folder-dialog.tsx';
import { Button } from '../ui/button.tsx';
import { cn } from '../ui/cn.ts';
import { ago } from '../ui/format.ts';
import { Menu, MenuItem, MenuLine } from '../ui/menu.tsx';
import { Spinner } from '../ui/states.tsx';
import { Tip } from '../ui/tip.tsx';
import { Wordmark } from '../ui/wordmark.tsx';
import { usePalette } from './palette-state.ts';
import { useSidebar } from './sidebar-state.ts';

const itemClass =
  'flex h-9 w-full min-w-0 items-center gap-2.5 rounded-control px-2.5 text-sm text-quiet transition-colors hover:bg-raised hover:text-ink [&>svg]:size-4 [&>svg]:shrink-0';
const activeClass = '!bg-raised !text-ink font-medium';

/** Chats, folders and the way to everything else. */
export function Sidebar() {
  const { t } = useTranslation();
  const { toggle, closeOver } = useSidebar();
  const show = usePalette(({ show }) => show);
  return (
    <nav aria-label={t('Chats')} className="flex h-full flex-col bg-sunken pt-[env(safe-area-inset-top)]">
      <div className="flex h-13 items-center justify-between pr-2 pl-4">
        <Link to="/" aria-label="Sluice" className="rounded-md" onClick={closeOver}>
          <Wordmark />
        </Link>
        <Tip label={t('Hide the sidebar')} keys="Ctrl B">
          <Button look="quiet" size="icon-small" aria-label={t('Hide the sidebar')} onClick={toggle}>
            <PanelLeft className="size-4" />
          </Button>
        </Tip>
      </div>
      <div className="flex flex-col gap-0.5 px-2 pb-2">
        <Link to="/" className={itemClass} onClick={closeOver}>
          <SquarePen /> {t('New chat')}
        </Link>
        <button type="button" className={itemClass} onClick={() => show('search')}>
          <Search /> <span className="flex-1 text-left">{t('Search')}</span>
          <kbd className="hidden font-sans text-xs text-faint md:inline">Ctrl K</kbd>
        </button>
        <Link to="/prompts" className={itemClass} activeProps={{ className: activeClass }} onClick={closeOver}>
          <BookMarked /> {t('Prompts')}
        </Link>
      </div>
      <div className="scrollbar-quiet min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        <Folders />
        <Chats />
      </div>
      <Account />
    </nav>
  );
}

const Heading = ({ children }: { children: ReactNode }) => (
  <h2 className="px-2.5 pt-4 pb-1 text-xs font-medium text-faint">{children}</h2>
);

function Folders() {
  const { t } = useTranslation();
  const { data = [] } = useQuery(foldersQuery);
  const { closeOver } = useSidebar();
  const [making, setMaking] = useState(false);
  return (
    <section>
      <div className="flex items-center">
        <h2 className="flex-1 px-2.5 py-1 text-xs font-medium text-faint">{t('Projects and folders')}</h2>
        <Button
          look="quiet"
          size="icon-small"
          className="!size-7"
          aria-label={t('New project or folder')}
          onClick={() => setMaking(true)}
        >
          <Plus className="size-3.5" />
        </Button>
      </div>
      {data.map(({ id, name, kind }) => (
        <Link
          key={id}
          to="/folders/$id"
          params={{ id }}
          className={itemClass}
          activeProps={{ className: activeClass }}
          onClick={closeOver}
        >
          {kind === 'project' ? <FolderOpen className="text-accent" /> : <Folder />}{' '}
          <span className="truncate">{name}</span>
        </Link>
      ))}
      {making && <FolderDialog onClose={() => setMaking(false)} />}
    </section>
  );
}

function Chats() {
  const { t } = useTranslation();
  const pinned = useQuery({
    queryKey: ['conversations', 'pinned'],
    queryFn: () => conversationsPage(null, { pinned: true }),
  });
  const pages = useInfiniteQuery({
    queryKey: ['conversations', 'all'],
    queryFn: ({ pageParam }) => conversationsPage(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next ?? undefined,
    // While an answer is made elsewhere, its mark goes when it has come.
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ data }) => data.some(({ generating }) => generating)) ? 3000 : false,
  });
  const rest = (pages.data?.pages ?? []).flatMap(({ data }) => data).filter((each) => !each.pinned);
  const today = new Date().toDateString();
  const [now, earlier] = [
    rest.filter(({ updatedAt }) => new Date(updatedAt).toDateString() === today),
    rest.filter(({ updatedAt }) => new Date(updatedAt).toDateString() !== today),
  ];
  return (
    <>
      <Group name={t('Pinned')} chats={pinned.data?.data ?? []} />
      <Group name={t('Today')} chats={now} />
      <Group name={t('Earlier')} chats={earlier} />
      {pages.isPending && (
        <p className="flex justify-center py-4">
          <Spinner />
        </p>
      )}
      {pages.error && <p className="px-2.5 py-3 text-xs text-danger">{t('Your chats could not be loaded.')}</p>}
      {pages.data && rest.length === 0 && (pinned.data?.data.length ?? 0) === 0 && (
        <p className="px-2.5 py-3 text-xs text-faint">{t('What you ask stands here.')}</p>
      )}
      {pages.hasNextPage && (
        <Button
          look="quiet"
          size="small"
          className="mt-1 w-full"
          disabled={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          {t('Show more')}
        </Button>
      )}
    </>
  );
}

function Group({ name, chats }: { name: string; chats: Conversation[] }) {
  if (chats.length === 0) return null;
  return (
    <section>
      <Heading>{name}</Heading>
      <ul>
        {chats.map((chat) => (
          <li key={chat.id}>
            <Chat chat={chat} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Chat({ chat }: { chat: Conversation }) {
  const { t, i18n } = useTranslation();
  const { id } = useParams({ strict: false }) as { id?: string };
  const { closeOver } = useSidebar();
  return (
    <div className={cn('group/chat flex items-center rounded-control hover:bg-raised', id === chat.id && 'bg-raised')}>
      <Link
        to="/c/$id"
        params={{ id: chat.id }}
        onClick={closeOver}
        className={cn(
          'flex h-9 min-w-0 flex-1 items-center gap-2 rounded-control pl-2.5 text-sm',
          id === chat.id ? 'font-medium text-ink' : 'text-quiet hover:text-ink',
        )}
      >
        <span className="min-w-0 flex-1 truncate">{chat.title || t('Untitled')}</span>
        {chat.generating ? (
          <Spinner className="size-3.5" />
        ) : (
          <span className="pr-2 text-xs font-normal whitespace-nowrap text-faint group-focus-within/chat:hidden group-hover/chat:hidden">
            {ago(chat.updatedAt, i18n.language)}
          </span>
        )}
      </Link>
      <ChatMenu
        conversation={chat}
        trigger={
          <button
            type="button"
            aria-label={t('Menu of {{title}}', { title: chat.title })}
            className="mr-1 w-0 overflow-hidden rounded-md py-1.5 text-quiet group-focus-within/chat:w-auto group-focus-within/chat:px-1.5 group-hover/chat:w-auto group-hover/chat:px-1.5 hover:text-ink data-popup-open:w-auto data-popup-open:px-1.5 max-md:w-auto max-md:px-1.5"
          >
            <EllipsisVertical className="size-4" />
          </button>
        }
      />
    </div>
  );
}

function Account() {
  const { t } = useTranslation();
  const { data: me } = useQuery(meQuery);
  const { data: session } = useQuery(sessionQuery);
  const { closeOver } = useSidebar();
  const show = usePalette(({ show }) => show);
  const name = session?.user.name ?? me?.name ?? '';
  async function signOut(): Promise<void> {
    await api.post('/api/auth/sign-out').catch(() => {});
    queryClient.clear();
    // Drafts and looks of somebody who has left are nobody else's.
    localStorage.clear();
    location.assign('/sign-in');
  }
  return (
    <div className="border-t border-line p-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
      <Menu
        align="start"
        side="top"
        trigger={
          <button type="button" className={cn(itemClass, '!h-11')}>
            <span
              aria-hidden="true"
              className="flex size-7 shrink-0 items-center justify-center rounded-full bg-wash text-xs font-semibold text-accent"
            >
              {[...name][0]?.toUpperCase()}
            </span>
            <span className="min-w-0 flex-1 text-left">
              <span className="block truncate text-ink">{name}</span>
            </span>
            <ChevronsUpDown />
          </button>
        }
      >
        <MenuItem render={<Link to="/settings" onClick={closeOver} />}>
          <Settings /> {t('Settings')}
        </MenuItem>
        {(may(me, 'usage:read') || may(me, 'keys:read')) && (
          <MenuItem render={<Link to="/admin" onClick={closeOver} />}>
            <LayoutDashboard /> {t('Administration')}
          </MenuItem>
        )}
        <MenuItem onClick={() => show('shortcuts')}>
          <CircleHelp /> {t('Keyboard shortcuts')}
        </MenuItem>
        <MenuItem render={<a href="/docs" />}>
          <BookMarked /> {t('API and documentation')}
        </MenuItem>
        <MenuLine />
        <MenuItem onClick={() => void signOut()}>
          <LogOut /> {t('Sign out')}
        </MenuItem>
      </Menu>
    </div>
  );
}
