import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { FileText, FolderOpen, MessageSquare, SquarePen, Trash2, Upload } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { chatModes } from '../../../../shared/src/chat.ts';
import { api, query } from '../../api/client.ts';
import { conversationsPage, foldersQuery, queryClient } from '../../api/queries.ts';
import type { Folder, StoredFile } from '../../api/types.ts';
import { TopBar } from '../../app/top-bar.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Field, Input, Select, Textarea } from '../../ui/field.tsx';
import { ago, bytes } from '../../ui/format.ts';
import { Empty, ErrorLine, Failed, Loading } from '../../ui/states.tsx';
import { say, sayError } from '../../ui/toast.tsx';
import { useSubmit } from '../auth/use-submit.ts';
import { upload } from './attachments.ts';

/** A folder or project: its chats, and for a project what every chat in it is given. */
export function FolderPage() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const { id } = useParams({ strict: false }) as { id: string };
  const folders = useQuery(foldersQuery);
  const chats = useQuery({
    queryKey: ['conversations', 'folder', id],
    queryFn: () => conversationsPage(null, { folder: id }),
  });
  const [deleting, setDeleting] = useState(false);
  if (folders.isPending) return <Loading />;
  if (folders.error) return <Failed error={folders.error} retry={() => void folders.refetch()} />;
  const folder = folders.data.find((each) => each.id === id);
  if (!folder) return <Empty icon={FolderOpen} title={t('There is no such folder')} />;
  return (
    <div className="flex h-full flex-col">
      <TopBar title={folder.name}>
        <Button size="small" look="primary" onClick={() => void navigate({ to: '/', search: { project: id } })}>
          <SquarePen className="size-4" /> {t('New chat')}
        </Button>
        <Button size="icon-small" look="quiet" aria-label={t('Delete')} onClick={() => setDeleting(true)}>
          <Trash2 className="size-4" />
        </Button>
      </TopBar>
      <div className="scrollbar-quiet min-h-0 flex-1 overflow-y-auto px-4 pb-10 sm:px-6">
        <div className="mx-auto grid max-w-5xl gap-8 pt-4 lg:grid-cols-[1fr_22rem]">
          <section>
            <h1 className="mb-3 text-xl font-semibold tracking-tight">{folder.name}</h1>
            {chats.data?.data.length === 0 && (
              <Empty icon={MessageSquare} title={t('No chats here yet')}>
                {t('Begin one here, or move one in from its menu.')}
              </Empty>
            )}
            <ul className="divide-y divide-line">
              {chats.data?.data.map((chat) => (
                <li key={chat.id}>
                  <Link
                    to="/c/$id"
                    params={{ id: chat.id }}
                    className="flex items-center gap-3 rounded-control px-2 py-3 text-sm hover:bg-sunken"
                  >
                    <MessageSquare className="size-4 text-quiet" />
                    <span className="min-w-0 flex-1 truncate">{chat.title}</span>
                    <span className="text-xs text-faint">{ago(chat.updatedAt, i18n.language)}</span>
                  </Link>
                </li>
              ))}
            </ul>
          </section>
          {folder.kind === 'project' && <Given key={folder.id} folder={folder} />}
        </div>
      </div>
      {deleting && (
        <Confirm
          open
          onOpenChange={setDeleting}
          title={t('Delete “{{name}}”?', { name: folder.name })}
          description={t('Its chats stay, outside of any folder. The files of a project are deleted.')}
          action={t('Delete')}
          onConfirm={async () => {
            await api.delete(`/api/v1/folders/${id}`);
            await queryClient.invalidateQueries(foldersQuery);
            await navigate({ to: '/' });
          }}
        />
      )}
    </div>
  );
}

function Given({ folder }: { folder: Folder }) {
  const { t } = useTranslation();
  const form = useSubmit(async ({ name, instructions, model, mode }) => {
    const settings = { ...(model && { model }), ...(mode && { mode }) };
    await api.patch(`/api/v1/folders/${folder.id}`, { name, instructions: instructions || null, settings });
    await queryClient.invalidateQueries(foldersQuery);
    say(t('Saved'));
  });
  return (
    <aside className="flex flex-col gap-6">
      <form onSubmit={form.onSubmit} className="flex flex-col gap-4 rounded-card border border-line bg-raised p-4">
        <Field label={t('Name')}>{(id) => <Input id={id} name="name" required defaultValue={folder.name} />}</Field>
        <Field label={t('Instructions')} hint={t('Every chat here is told this first.')}>
          {(id) => <Textarea id={id} name="instructions" rows={6} defaultValue={folder.instructions ?? ''} />}
        </Field>
        <div className="grid grid-cols-2 gap-3">
          <Field label={t('Model')}>
            {(id) => <Input id={id} name="model" placeholder="auto" defaultValue={folder.settings.model ?? ''} />}
          </Field>
          <Field label={t('Mode')}>
            {(id) => (
              <Select id={id} name="mode" defaultValue={folder.settings.mode ?? ''}>
                <option value="">–</option>
                {chatModes.map((mode) => (
                  <option key={mode}>{mode}</option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <ErrorLine error={form.error} />
        <Button type="submit" disabled={form.busy} className="self-end">
          {t('Save')}
        </Button>
      </form>
      <ProjectFiles folderId={folder.id} />
    </aside>
  );
}

function ProjectFiles({ folderId }: { folderId: string }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const queryKey = ['files', folderId];
  const files = useQuery({
    queryKey,
    queryFn: async () => (await api.get<{ data: StoredFile[] }>(`/api/v1/files${query({ folderId })}`)).data,
  });
  const change = async (work: Promise<unknown>) => {
    await work.catch((error) => sayError(t('The file could not be kept'), error));
    await queryClient.invalidateQueries({ queryKey });
  };
  return (
    <section className="rounded-card border border-line bg-raised p-4">
      <div className="flex items-center gap-2">
        <h2 className="flex-1 text-sm font-medium">{t('Files')}</h2>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label={t('Add files')}
          onChange={({ target }) =>
            void change(Promise.all([...(target.files ?? [])].map((file) => upload(file, folderId))))
          }
        />
        <Button size="small" onClick={() => input.current?.click()}>
          <Upload className="size-3.5" /> {t('Add files')}
        </Button>
      </div>
      <p className="mt-1 text-xs text-quiet">{t('The words of text files go to the model with every message.')}</p>
      <ul className="mt-2 divide-y divide-line text-sm">
        {files.data?.map(({ id, name, size }) => (
          <li key={id} className="flex items-center gap-2 py-1.5">
            <FileText className="size-4 text-quiet" />
            <span className="min-w-0 flex-1 truncate">{name}</span>
            <span className="text-xs text-faint">{bytes(size)}</span>
            <Button
              look="quiet"
              size="icon-small"
              aria-label={t('Delete {{name}}', { name })}
              onClick={() => void change(api.delete(`/api/v1/files/${id}`))}
            >
              <Trash2 className="size-3.5" />
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
