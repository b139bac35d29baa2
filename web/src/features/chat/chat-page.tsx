import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Columns2, EyeOff, Upload } from 'lucide-react';
import { type DragEvent, lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChatMode } from '../../../../shared/src/chat.ts';
import { useBranding } from '../../api/branding.ts';
import { api } from '../../api/client.ts';
import { conversationQuery, foldersQuery, meQuery, queryClient, usePreferences } from '../../api/queries.ts';
import type { WholeConversation } from '../../api/types.ts';
import { TopBar } from '../../app/top-bar.tsx';
import { Button } from '../../ui/button.tsx';
import { when } from '../../ui/format.ts';
import { Failed, Loading } from '../../ui/states.tsx';
import { Tip } from '../../ui/tip.tsx';
import { sayError } from '../../ui/toast.tsx';
import { type Artifact, ArtifactContext } from './artifact-context.ts';
import { ChatMenu } from './chat-menu.tsx';
import { CompareBar } from './compare-bar.tsx';
import { useCompare } from './compare-state.ts';
import { Composer, type ComposerHandle } from './composer.tsx';
import { type AskWish, ask, attach, stop, useLive } from './live.ts';
import type { MessageHandlers } from './message-view.tsx';
import { RunningTotal } from './running-total.tsx';
import { Thread } from './thread.tsx';
import { branchOf, leafBelow } from './tree.ts';

const ArtifactPanel = lazy(() => import('./artifact-panel.tsx'));

interface ChatSearch {
  project?: string;
  temporary?: boolean;
  text?: string;
}

/** One chat, or the beginning of one. */
export function ChatPage() {
  const { id } = useParams({ strict: false }) as { id?: string };
  const { data, error, isPending, refetch } = useQuery({ ...conversationQuery(id ?? ''), enabled: id !== undefined });
  if (id !== undefined && isPending) return <Loading />;
  if (id !== undefined && error && !data) return <Failed error={error} retry={() => void refetch()} />;
  return <Chat key={id ?? 'new'} conversation={id === undefined ? undefined : data} />;
}

function Chat({ conversation }: { conversation?: WholeConversation }) {
  const { t, i18n } = useTranslation();
  const { shownName } = useBranding();
  const navigate = useNavigate();
  const { project, temporary = false, text } = useSearch({ strict: false }) as ChatSearch;
  const preferences = usePreferences();
  const { data: folders = [] } = useQuery(foldersQuery);
  const folder = folders.find(({ id }) => id === (conversation?.folderId ?? project));
  const composer = useRef<ComposerHandle>(null);
  const settings = { ...folder?.settings, ...conversation?.settings };
  const lastAsked = conversation?.messages.findLast(({ role }) => role === 'assistant')?.metadata;
  const [model, setModel] = useState(settings.model ?? lastAsked?.asked ?? preferences.model ?? 'auto');
  const [mode, setMode] = useState<ChatMode>(settings.mode ?? lastAsked?.mode ?? preferences.mode ?? 'flash');
  const { models: compare, choose: setCompare } = useCompare();
  const [queued, setQueued] = useState<{ text: string; attachments: string[] }>();
  const [starting, setStarting] = useState(false);
  const [artifact, setArtifact] = useState<Artifact>();
  const [dropping, setDropping] = useState(false);
  const messages = conversation?.messages ?? [];
  const branch = useMemo(() => branchOf(messages, conversation?.headId ?? null), [messages, conversation?.headId]);
  const answers = useLive(({ answers }) => answers);
  const generating = messages
    .filter(({ id, state }) => (answers[id]?.state ?? state) === 'generating')
    .map(({ id }) => id);
  const busy = starting || generating.length > 0;

  // Reads on the answers that the server is making.
  const running = messages.filter(({ state }) => state === 'generating').map(({ id }) => id);
  const runningIds = running.join(' ');
  useEffect(() => {
    for (const messageId of runningIds.split(' ').filter(Boolean)) {
      void attach(messageId).then(() => queryClient.invalidateQueries(conversationQuery(conversation!.id)));
    }
  }, [runningIds, conversation?.id]);

  // The window says which chat it shows.
  useEffect(() => {
    document.title = conversation?.title ? `${conversation.title} · ${shownName}` : shownName;
  }, [conversation?.title, shownName]);

  // A link may bring the first words along (search engines of the browser, the share sheet of a phone).
  useEffect(() => {
    if (text) composer.current?.fill(text);
    if (!matchMedia('(pointer: coarse)').matches) composer.current?.focus();
  }, [text]);

  async function start(wish: AskWish): Promise<void> {
    setStarting(true);
    try {
      const base = {
        model,
        mode,
        ...(conversation
          ? { conversationId: conversation.id }
          : { folderId: project, temporary: temporary || undefined }),
      };
      if (compare && compare.length > 1 && (wish.message || wish.answerTo)) {
        const name = crypto.randomUUID();
        const [first, ...others] = compare;
        const began = await ask({ ...base, ...wish, model: first, compare: name });
        const same = {
          ...base,
          folderId: undefined,
          temporary: undefined,
          conversationId: began.conversationId,
          answerTo: began.parentId,
          compare: name,
        };
        await Promise.all(others.map((each) => ask({ ...same, model: each })));
        await opened(began.conversationId);
        return;
      }
      const { conversationId } = await ask({ ...base, ...wish });
      await opened(conversationId);
    } catch (error) {
      sayError(t('It could not be sent'), error);
      // Nothing that was written is lost.
      const [part] = wish.message?.parts ?? [];
      if (part?.type === 'text') composer.current?.fill(part.text);
    } finally {
      setStarting(false);
    }
  }
  async function opened(conversationId: string): Promise<void> {
    if (conversation) await queryClient.invalidateQueries(conversationQuery(conversationId));
    else await navigate({ to: '/c/$id', params: { id: conversationId }, replace: true });
  }
  function onSend(words: string, attachments: string[]): void {
    if (busy) setQueued({ text: words, attachments });
    else void start({ message: { parts: [{ type: 'text', text: words }] }, attachments });
  }
  // What waited for the answer goes when it has come.
  useEffect(() => {
    if (busy || !queued) return;
    setQueued(undefined);
    void start({ message: { parts: [{ type: 'text', text: queued.text }] }, attachments: queued.attachments });
  });

  const stopAll = () => {
    for (const messageId of generating)
      void stop(messageId).catch((error) => sayError(t('It could not be stopped'), error));
  };
  // Escape stops, wherever the focus is.
  useEffect(() => {
    if (!busy) return;
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && !event.defaultPrevented && stopAll();
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });

  const handlers: MessageHandlers | undefined = useMemo(() => {
    if (!conversation) return undefined;
    const { id } = conversation;
    return {
      regenerate: (message, other) =>
        void start({ answerTo: message.parentId ?? undefined, ...(other && { model: other }) }),
      edit: (message, words) =>
        void start({
          parentId: message.parentId,
          message: { parts: [...message.parts.filter((part) => part.type === 'file'), { type: 'text', text: words }] },
        }),
      show(messageId) {
        const headId = leafBelow(conversation.messages, messageId);
        queryClient.setQueryData(
          conversationQuery(id).queryKey,
          (before: WholeConversation | undefined) => before && { ...before, headId },
        );
        void api
          .patch(`/api/v1/conversations/${id}`, { headId })
          .catch((error) => sayError(t('The branch could not be shown'), error));
      },
      fork(messageId) {
        api
          .post<{ id: string }>(`/api/v1/conversations/${id}/fork`, { messageId })
          .then((made) => navigate({ to: '/c/$id', params: { id: made.id } }))
          .catch((error: unknown) => sayError(t('It could not be forked'), error));
      },
    };
    // `start` reads what is chosen now.
  }, [conversation, model, mode, compare]);

  const isNew = branch.length === 0;
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setDropping(false);
    composer.current?.addFiles([...event.dataTransfer.files]);
  };
  const field = (
    <div className="mx-auto w-full max-w-3xl px-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-6">
      {compare && <CompareBar models={compare} onChange={setCompare} onClose={() => setCompare(undefined)} />}
      <Composer
        ref={composer}
        draftKey={conversation?.id ?? project ?? 'new'}
        model={model}
        mode={mode}
        onModel={setModel}
        onMode={setMode}
        busy={busy}
        queued={queued?.text}
        onUnqueue={() => setQueued(undefined)}
        onSend={onSend}
        onStop={stopAll}
      />
    </div>
  );
  return (
    <ArtifactContext.Provider value={setArtifact}>
      <div className="flex h-full min-w-0">
        <div
          className="relative flex h-full min-w-0 flex-1 flex-col"
          onDragOver={(event) => {
            if (!event.dataTransfer.types.includes('Files')) return;
            event.preventDefault();
            setDropping(true);
          }}
          onDragLeave={(event) => event.currentTarget.contains(event.relatedTarget as Node) || setDropping(false)}
          onDrop={onDrop}
        >
          <TopBar title={conversation?.title || (temporary ? t('Temporary chat') : (folder?.name ?? ''))}>
            {conversation && <RunningTotal conversation={conversation} />}
            {!conversation && !project && (
              <Tip label={t('A temporary chat stands in no list and vanishes.')}>
                <Button
                  look="quiet"
                  size="icon-small"
                  aria-pressed={temporary}
                  aria-label={t('Temporary chat')}
                  className={temporary ? '!text-accent' : ''}
                  onClick={() => void navigate({ to: '/', search: temporary ? {} : { temporary: true } })}
                >
                  <EyeOff className="size-4" />
                </Button>
              </Tip>
            )}
            <Tip label={t('Compare models side by side')}>
              <Button
                look="quiet"
                size="icon-small"
                aria-pressed={compare !== undefined}
                aria-label={t('Compare models side by side')}
                className={compare ? '!text-accent' : ''}
                onClick={() => setCompare(compare ? undefined : (preferences.compareModels ?? [model]))}
              >
                <Columns2 className="size-4" />
              </Button>
            </Tip>
            {conversation && <ChatMenu conversation={conversation} />}
          </TopBar>
          {conversation?.expiresAt && (
            <p className="flex items-center justify-center gap-2 border-b border-line bg-sunken px-4 py-1.5 text-xs text-quiet">
              <EyeOff className="size-3.5" />{' '}
              {t('This chat is temporary. It vanishes on {{time}}.', {
                time: when(conversation.expiresAt, i18n.language),
              })}
            </p>
          )}
          {isNew ? (
            <Beginning name={folder?.name} temporary={temporary} onSuggest={(words) => composer.current?.fill(words)}>
              {field}
            </Beginning>
          ) : (
            <>
              <Thread branch={branch} handlers={handlers} conversationId={conversation?.id ?? ''} />
              {field}
            </>
          )}
          {dropping && (
            <div className="pointer-events-none absolute inset-3 z-30 flex items-center justify-center gap-2 rounded-card border-2 border-dashed border-accent bg-wash/90 font-medium text-accent">
              <Upload className="size-5" /> {t('Drop files to attach them')}
            </div>
          )}
        </div>
        {artifact && (
          <Suspense fallback={null}>
            <ArtifactPanel artifact={artifact} onClose={() => setArtifact(undefined)} />
          </Suspense>
        )}
      </div>
    </ArtifactContext.Provider>
  );
}

interface BeginningProps {
  name?: string;
  temporary: boolean;
  onSuggest(text: string): void;
  children: ReactNode;
}

/** Before the first message: the field in the middle, and something to begin with. */
function Beginning({ name, temporary, onSuggest, children }: BeginningProps) {
  const { t } = useTranslation();
  const { data: me } = useQuery(meQuery);
  const first = me?.name.split(' ')[0];
  const suggestions = [
    t('Explain how tides work, with a picture in words'),
    t('Write a regular expression that finds dates, and explain it'),
    t('Plan a three-day walk along a river'),
  ];
  return (
    <div className="scrollbar-quiet flex min-h-0 flex-1 flex-col overflow-y-auto">
      <div className="my-auto flex flex-col gap-5 py-6">
        <div className="mx-auto w-full max-w-3xl px-4 sm:px-7">
          <h1 className="text-2xl font-semibold tracking-tight text-balance">
            {name ??
              (temporary
                ? t('Off the record')
                : first && me?.kind === 'user'
                  ? t('What is on your mind, {{name}}?', { name: first })
                  : t('What is on your mind?'))}
          </h1>
          {temporary && (
            <p className="mt-1 text-sm text-quiet">
              {t(
                'This chat stands in no list and no search, and is deleted by itself. Its cost is still in the ledger.',
              )}
            </p>
          )}
        </div>
        {children}
        {!name && !temporary && (
          <div className="mx-auto flex w-full max-w-3xl flex-col gap-1 px-3 sm:px-6">
            {suggestions.map((words) => (
              <button
                key={words}
                type="button"
                onClick={() => onSuggest(words)}
                className="rounded-control px-3 py-2 text-left text-sm text-quiet transition-colors hover:bg-sunken hover:text-ink"
              >
                {words}
              </button>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}
