import {
  Check,
  Copy,
  EllipsisVertical,
  GitFork,
  Pencil,
  RefreshCw,
  Shuffle,
  ThumbsDown,
  ThumbsUp,
  Volume2,
  VolumeX,
} from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChatMessage } from '../../../../shared/src/chat.ts';
import { api } from '../../api/client.ts';
import { conversationQuery, queryClient } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { useCopy } from '../../ui/copy.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Textarea } from '../../ui/field.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { Tip } from '../../ui/tip.tsx';
import { say, sayError } from '../../ui/toast.tsx';
import { useSubmit } from '../auth/use-submit.ts';
import type { MessageHandlers } from './message-view.tsx';
import { ModelDialog } from './model-picker.tsx';
import { useReadAloud } from './read-aloud.ts';

const icon = 'size-4';

function CopyAction({ text }: { text: string }) {
  const { t } = useTranslation();
  const [copied, copy] = useCopy();
  return (
    <Tip label={copied ? t('Copied') : t('Copy')}>
      <Button look="quiet" size="icon-small" aria-label={t('Copy')} onClick={() => copy(text)}>
        {copied ? <Check className={icon} /> : <Copy className={icon} />}
      </Button>
    </Tip>
  );
}

export function QuestionActions({ text, onEdit }: { text: string; onEdit(): void }) {
  const { t } = useTranslation();
  return (
    <div className="flex opacity-60 transition-opacity group-focus-within/message:opacity-100 group-hover/message:opacity-100">
      <CopyAction text={text} />
      <Tip label={t('Edit')}>
        <Button look="quiet" size="icon-small" aria-label={t('Edit')} onClick={onEdit}>
          <Pencil className={icon} />
        </Button>
      </Tip>
    </div>
  );
}

async function rate(message: ChatMessage, rating: 'up' | 'down' | null, note?: string): Promise<void> {
  await api.put(`/api/v1/messages/${message.id}/feedback`, { rating, ...(note && { note }) });
  const { conversationId } = message.metadata;
  if (conversationId) await queryClient.invalidateQueries(conversationQuery(conversationId));
}

export function AnswerActions({
  message,
  text,
  handlers,
}: {
  message: ChatMessage;
  text: string;
  handlers: MessageHandlers;
}) {
  const { t } = useTranslation();
  const [choosing, setChoosing] = useState(false);
  const [noting, setNoting] = useState(false);
  const reading = useReadAloud(text);
  const thumb = (rating: 'up' | 'down') => {
    const next = message.rating === rating ? null : rating;
    rate(message, next)
      .then(() => next === 'down' && setNoting(true))
      .catch((error) => sayError(t('The rating was not kept'), error));
  };
  const note = useSubmit(async ({ note }) => {
    await rate(message, 'down', note);
    setNoting(false);
    say(t('Thank you. It is kept with the call.'));
  });
  return (
    <div className="flex flex-wrap items-center">
      <CopyAction text={text} />
      <Tip label={t('Another answer')}>
        <Button
          look="quiet"
          size="icon-small"
          aria-label={t('Another answer')}
          onClick={() => handlers.regenerate(message)}
        >
          <RefreshCw className={icon} />
        </Button>
      </Tip>
      <Tip label={t('Good answer')}>
        <Button
          look="quiet"
          size="icon-small"
          aria-pressed={message.rating === 'up'}
          aria-label={t('Good answer')}
          onClick={() => thumb('up')}
        >
          <ThumbsUp className={icon} fill={message.rating === 'up' ? 'currentColor' : 'none'} />
        </Button>
      </Tip>
      <Tip label={t('Bad answer')}>
        <Button
          look="quiet"
          size="icon-small"
          aria-pressed={message.rating === 'down'}
          aria-label={t('Bad answer')}
          onClick={() => thumb('down')}
        >
          <ThumbsDown className={icon} fill={message.rating === 'down' ? 'currentColor' : 'none'} />
        </Button>
      </Tip>
      <Menu
        align="start"
        trigger={
          <Button look="quiet" size="icon-small" aria-label={t('More')}>
            <EllipsisVertical className={icon} />
          </Button>
        }
      >
        <MenuItem onClick={() => setChoosing(true)}>
          <Shuffle /> {t('Ask another model…')}
        </MenuItem>
        <MenuItem onClick={() => handlers.fork(message.id)}>
          <GitFork /> {t('Go on in a new chat')}
        </MenuItem>
        {reading.possible && (
          <MenuItem onClick={reading.toggle}>
            {reading.speaking ? <VolumeX /> : <Volume2 />} {reading.speaking ? t('Stop reading') : t('Read aloud')}
          </MenuItem>
        )}
      </Menu>
      {choosing && (
        <ModelDialog
          open
          onOpenChange={setChoosing}
          onChoose={(model) => {
            setChoosing(false);
            handlers.regenerate(message, model);
          }}
        />
      )}
      {noting && (
        <Dialog
          open
          onOpenChange={setNoting}
          title={t('What was wrong?')}
          description={t('Administrators see it beside the call, and the router learns from it where that is on.')}
        >
          <form onSubmit={note.onSubmit} className="flex flex-col gap-3 pb-2">
            <Textarea name="note" aria-label={t('What was wrong?')} maxLength={2000} />
            <Button type="submit" look="primary" disabled={note.busy} className="self-end">
              {t('Send')}
            </Button>
          </form>
        </Dialog>
      )}
    </div>
  );
}
