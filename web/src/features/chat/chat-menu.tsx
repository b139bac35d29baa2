import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Download, EllipsisVertical, FileText, Folder, Pencil, Pin, PinOff, Share2, Tag, Trash2 } from 'lucide-react';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { conversationQuery, foldersQuery, queryClient } from '../../api/queries.ts';
import type { Conversation } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx';
import { ErrorLine } from '../../ui/states.tsx';
import { sayError } from '../../ui/toast.tsx';
import { useSubmit } from '../auth/use-submit.ts';
import { ShareDialog } from './share-dialog.tsx';

/** Changes a chat, and what is shown of it everywhere. */
export async function changeConversation(id: string, change: Partial<Conversation>): Promise<void> {
  await api.patch(`/api/v1/conversations/${id}`, change);
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['conversations'] }),
    queryClient.invalidateQueries(conversationQuery(id)),
  ]);
}

type Asking = 'rename' | 'tags' | 'move' | 'share' | 'delete';

/** What can be done with a chat. */
export function ChatMenu({ conversation, trigger }: { conversation: Conversation; trigger?: ReactElement }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { id: open } = useParams({ strict: false }) as { id?: string };
  const [asking, setAsking] = useState<Asking>();
  const { id, pinned, title, expiresAt } = conversation;
  const close = () => setAsking(undefined);
  const failed = (error: unknown) => sayError(t('The chat could not be changed'), error);
  async function remove(): Promise<void> {
    await api.delete(`/api/v1/conversations/${id}`);
    await queryClient.invalidateQueries({ queryKey: ['conversations'] });
    if (open === id) await navigate({ to: '/' });
  }
  return (
    <>
      <Menu
        trigger={
          trigger ?? (
            <Button look="quiet" size="icon-small" aria-label={t('Chat menu')}>
              <EllipsisVertical className="size-4" />
            </Button>
          )
        }
      >
        <MenuItem onClick={() => setAsking('rename')}>
          <Pencil /> {t('Rename')}
        </MenuItem>
        <MenuItem onClick={() => void changeConversation(id, { pinned: !pinned }).catch(failed)}>
          {pinned ? <PinOff /> : <Pin />} {pinned ? t('Unpin') : t('Pin')}
        </MenuItem>
        <MenuItem onClick={() => setAsking('move')}>
          <Folder /> {t('Move to…')}
        </MenuItem>
        <MenuItem onClick={() => setAsking('tags')}>
          <Tag /> {t('Tags')}
        </MenuItem>
        {!expiresAt && (
          <MenuItem onClick={() => setAsking('share')}>
            <Share2 /> {t('Share')}
          </MenuItem>
        )}
        <MenuLine />
        <MenuItem render={<a href={`/api/v1/conversations/${id}/export?format=markdown`} download />}>
          <FileText /> {t('Save as Markdown')}
        </MenuItem>
        <MenuItem render={<a href={`/api/v1/conversations/${id}/export`} download />}>
          <Download /> {t('Save as JSON')}
        </MenuItem>
        <MenuLine />
        <MenuItem danger onClick={() => setAsking('delete')}>
          <Trash2 /> {t('Delete')}
        </MenuItem>
      </Menu>
      {asking === 'rename' && <Rename conversation={conversation} onClose={close} />}
      {asking === 'tags' && <Tags conversation={conversation} onClose={close} />}
      {asking === 'move' && <Move conversation={conversation} onClose={close} />}
      {asking === 'share' && <ShareDialog conversation={conversation} onClose={close} />}
      {asking === 'delete' && (
        <Confirm
          open
          onOpenChange={close}
          title={t('Delete this chat?')}
          description={t(
            '“{{title}}” goes with everything in it, and its links lead nowhere. What it cost stays in the ledger.',
            { title },
          )}
          action={t('Delete')}
          onConfirm={remove}
        />
      )}
    </>
  );
}

interface Asked {
  conversation: Conversation;
  onClose(): void;
}

function Rename({ conversation: { id, title }, onClose }: Asked) {
  const { t } = useTranslation();
  const form = useSubmit(async ({ title }) => {
    await changeConversation(id, { title });
    onClose();
  });
  return (
    <Dialog open onOpenChange={onClose} title={t('Rename')}>
      <form onSubmit={form.onSubmit} className="flex flex-col gap-4 pb-2">
        <Field label={t('Title')}>
          {(field) => <Input id={field} name="title" required maxLength={200} defaultValue={title} />}
        </Field>
        <ErrorLine error={form.error} />
        <Button type="submit" look="primary" disabled={form.busy} className="self-end">
          {t('Save')}
        </Button>
      </form>
    </Dialog>
  );
}

function Tags({ conversation: { id, tags }, onClose }: Asked) {
  const { t } = useTranslation();
  const form = useSubmit(async ({ tags = '' }) => {
    const list = tags
      .split(',')
      .map((tag) => tag.trim())
      .filter(Boolean);
    await changeConversation(id, { tags: [...new Set(list)] });
    onClose();
  });
  return (
    <Dialog open onOpenChange={onClose} title={t('Tags')}>
      <form onSubmit={form.onSubmit} className="flex flex-col gap-4 pb-2">
        <Field label={t('Tags')} hint={t('With commas between.')}>
          {(field) => <Input id={field} name="tags" defaultValue={tags.join(', ')} />}
        </Field>
        <ErrorLine error={form.error} />
        <Button type="submit" look="primary" disabled={form.busy} className="self-end">
          {t('Save')}
        </Button>
      </form>
    </Dialog>
  );
}

function Move({ conversation: { id, folderId }, onClose }: Asked) {
  const { t } = useTranslation();
  const { data = [] } = useQuery(foldersQuery);
  const move = (to: string | null) =>
    void changeConversation(id, { folderId: to })
      .then(onClose)
      .catch((error) => sayError(t('The chat could not be moved'), error));
  return (
    <Dialog open onOpenChange={onClose} title={t('Move to…')}>
      <ul className="flex flex-col pb-2">
        {[{ id: null, name: t('No folder') }, ...data].map((folder) => (
          <li key={folder.id}>
            <button
              type="button"
              aria-current={folder.id === folderId}
              onClick={() => move(folder.id)}
              className="w-full rounded-control px-3 py-2 text-left text-sm hover:bg-sunken aria-current:text-accent"
            >
              {folder.name}
            </button>
          </li>
        ))}
      </ul>
      {data.length === 0 && (
        <p className="pb-2 text-sm text-quiet">{t('Make a folder or a project in the sidebar first.')}</p>
      )}
    </Dialog>
  );
}
