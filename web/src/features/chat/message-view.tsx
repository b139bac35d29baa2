import { ChevronDown, ChevronLeft, ChevronRight, FileText, Link2, Music } from 'lucide-react';
import { memo, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ChatMessage, type ChatPart, textOfParts } from '../../../../shared/src/chat.ts';
import { Button } from '../../ui/button.tsx';
import { cn } from '../../ui/cn.ts';
import { Textarea } from '../../ui/field.tsx';
import { Spinner } from '../../ui/states.tsx';
import { AnswerFacts } from './answer-facts.tsx';
import { useLive } from './live.ts';
import { Markdown } from './markdown.tsx';
import { AnswerActions, QuestionActions } from './message-actions.tsx';

export interface MessageHandlers {
  /** Another answer to the question before this one, by another model when one is named. */
  regenerate(message: ChatMessage, model?: string): void;
  edit(message: ChatMessage, text: string): void;
  show(messageId: string): void;
  fork(messageId: string): void;
}

export interface MessageViewProps {
  message: ChatMessage;
  siblings: ChatMessage[];
  handlers?: MessageHandlers;
}

export const MessageView = memo(function MessageView(props: MessageViewProps) {
  return props.message.role === 'user' ? <Question {...props} /> : <Answer {...props} />;
});

function Question({ message, siblings, handlers }: MessageViewProps) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const text = textOfParts(message.parts);
  if (editing && handlers)
    return (
      <form
        className="message flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          const changed = String(new FormData(event.currentTarget).get('text')).trim();
          setEditing(false);
          if (changed !== '') handlers.edit(message, changed);
        }}
      >
        <Textarea
          name="text"
          defaultValue={text}
          aria-label={t('Edit your message')}
          rows={Math.min(12, text.split('\n').length + 1)}
          autoFocus
          onKeyDown={(event) => event.key === 'Escape' && setEditing(false)}
        />
        <div className="flex justify-end gap-2">
          <Button size="small" onClick={() => setEditing(false)}>
            {t('Cancel')}
          </Button>
          <Button size="small" look="primary" type="submit">
            {t('Ask again')}
          </Button>
        </div>
      </form>
    );
  return (
    <article className="message group/message flex flex-col items-end gap-1" aria-label={t('You')}>
      <Files parts={message.parts} />
      {text !== '' && (
        <div
          className="max-w-[85%] rounded-card rounded-br-md bg-wash px-4 py-2.5 leading-relaxed break-words whitespace-pre-wrap"
          dir="auto"
        >
          {text}
        </div>
      )}
      {handlers && (
        <div className="flex items-center gap-0.5">
          <Branches message={message} siblings={siblings} show={handlers.show} />
          <QuestionActions text={text} onEdit={() => setEditing(true)} />
        </div>
      )}
    </article>
  );
}

function Answer({ message, siblings, handlers }: MessageViewProps) {
  const { t } = useTranslation();
  const live = useLive(({ answers }) => answers[message.id]);
  const { parts, state, metadata } = live ?? message;
  const growing = state === 'generating';
  const last = parts.at(-1);
  return (
    <article
      className={cn('message group/message flex min-w-0 flex-col gap-2', growing && 'live')}
      aria-label={metadata.model ?? t('Answer')}
      aria-busy={growing}
    >
      {parts.map((part, at) => {
        const key = `${part.type}-${at}`;
        const grows = growing && part === last;
        if (part.type === 'reasoning') return <Thinking key={key} text={part.text} growing={grows} />;
        if (part.type === 'text') return <Markdown key={key} text={part.text} growing={grows} />;
        return null;
      })}
      <Files parts={parts} />
      <Sources parts={parts} />
      {growing && parts.length === 0 && (
        <p className="flex items-center gap-2 text-sm text-quiet" role="status">
          <Spinner /> {metadata.mode === 'ultra-think' ? t('Drafting and criticising…') : t('Asking…')}
        </p>
      )}
      {state === 'stopped' && <Note>{t('You stopped this answer.')}</Note>}
      {state === 'interrupted' && (
        <Note>{t('The server stopped before this answer was complete. Ask again for another one.')}</Note>
      )}
      {state === 'failed' && (
        <p role="alert" className="rounded-control bg-danger-wash px-3 py-2 text-sm text-danger">
          {metadata.error?.message ?? t('The answer failed.')}
        </p>
      )}
      {!growing && (
        <div className="flex min-h-8 flex-wrap items-center gap-x-1 gap-y-0.5">
          {handlers && <Branches message={message} siblings={siblings} show={handlers.show} />}
          {handlers && <AnswerActions message={message} text={textOfParts(parts)} handlers={handlers} />}
          <AnswerFacts metadata={metadata} />
        </div>
      )}
      {/* Said once the answer is whole: every word by itself would be noise. */}
      <span className="sr-only" aria-live="polite">
        {growing ? '' : live ? textOfParts(parts).slice(0, 1000) : ''}
      </span>
    </article>
  );
}

const Note = ({ children }: { children: ReactNode }) => <p className="text-sm text-quiet italic">{children}</p>;

function Thinking({ text, growing }: { text: string; growing: boolean }) {
  const { t } = useTranslation();
  return (
    <details className="group/thinking rounded-control border border-line bg-sunken text-sm">
      <summary className="flex cursor-pointer list-none items-center gap-2 px-3 py-2 text-quiet select-none hover:text-ink">
        {growing ? (
          <Spinner />
        ) : (
          <ChevronDown className="size-4 -rotate-90 transition-transform group-open/thinking:rotate-0" />
        )}
        {growing ? t('Thinking…') : t('Thought it through')}
      </summary>
      <div className="max-h-96 overflow-y-auto border-t border-line px-3 py-2 whitespace-pre-wrap text-quiet">
        {text}
      </div>
    </details>
  );
}

function Files({ parts }: { parts: ChatPart[] }) {
  const { t } = useTranslation();
  const files = parts.filter((part) => part.type === 'file');
  if (files.length === 0) return null;
  return (
    <ul className="flex flex-wrap justify-end gap-2">
      {files.map(({ url, mediaType, filename }) => (
        <li key={url || filename}>
          {mediaType.startsWith('image/') && url ? (
            <a href={url} target="_blank" rel="noreferrer">
              <img
                src={url}
                alt={filename ?? t('Image')}
                className="max-h-52 max-w-full rounded-control border border-line object-contain"
              />
            </a>
          ) : mediaType.startsWith('audio/') && url ? (
            <audio controls src={url} className="h-10" />
          ) : (
            <a
              href={url || undefined}
              download={filename}
              className="flex items-center gap-2 rounded-control border border-line bg-raised px-3 py-2 text-sm hover:bg-sunken"
            >
              {mediaType.startsWith('audio/') ? (
                <Music className="size-4 text-quiet" />
              ) : (
                <FileText className="size-4 text-quiet" />
              )}
              {filename ?? mediaType}
            </a>
          )}
        </li>
      ))}
    </ul>
  );
}

function Sources({ parts }: { parts: ChatPart[] }) {
  const sources = [
    ...new Map(parts.filter((part) => part.type === 'source-url').map((part) => [part.url, part])).values(),
  ];
  if (sources.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-1.5">
      {sources.map(({ url, title }) => (
        <li key={url}>
          <a
            href={url}
            target="_blank"
            rel="noopener noreferrer nofollow"
            className="flex max-w-60 items-center gap-1.5 rounded-full border border-line bg-raised px-2.5 py-1 text-xs text-quiet hover:text-ink"
          >
            <Link2 className="size-3 shrink-0" /> <span className="truncate">{title ?? new URL(url).hostname}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Branches({
  message,
  siblings,
  show,
}: {
  message: ChatMessage;
  siblings: ChatMessage[];
  show(id: string): void;
}) {
  const { t } = useTranslation();
  if (siblings.length < 2) return null;
  const at = siblings.findIndex(({ id }) => id === message.id);
  const go = (to: number) => {
    const next = siblings[to];
    if (next) show(next.id);
  };
  return (
    <fieldset className="flex items-center text-xs text-quiet" aria-label={t('Branches')}>
      <Button
        look="quiet"
        size="icon-small"
        disabled={at <= 0}
        aria-label={t('Branch before')}
        onClick={() => go(at - 1)}
      >
        <ChevronLeft className="size-4" />
      </Button>
      <span className="tabular-nums">
        {at + 1}/{siblings.length}
      </span>
      <Button
        look="quiet"
        size="icon-small"
        disabled={at >= siblings.length - 1}
        aria-label={t('Branch after')}
        onClick={() => go(at + 1)}
      >
        <ChevronRight className="size-4" />
      </Button>
    </fieldset>
  );
}
