import { useQuery } from '@tanstack/react-query';
import { BookMarked, Pencil, Plus, Trash2, Users } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { promptsQuery, queryClient } from '../../api/queries.ts';
import type { Prompt } from '../../api/types.ts';
import { TopBar } from '../../app/top-bar.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input, SwitchRow, Textarea } from '../../ui/field.tsx';
import { Empty, ErrorLine, Failed, Loading } from '../../ui/states.tsx';
import { useSubmit } from '../auth/use-submit.ts';

/** The library of prompts: one's own, and those that others share. */
export function PromptsPage() {
  const { t } = useTranslation();
  const prompts = useQuery(promptsQuery);
  const [editing, setEditing] = useState<Prompt | 'new'>();
  const [deleting, setDeleting] = useState<Prompt>();
  return (
    <div className="flex h-full flex-col">
      <TopBar title={t('Prompts')}>
        <Button size="small" look="primary" onClick={() => setEditing('new')}>
          <Plus className="size-4" /> {t('New prompt')}
        </Button>
      </TopBar>
      <div className="scrollbar-quiet min-h-0 flex-1 overflow-y-auto px-4 pb-10 sm:px-6">
        <div className="mx-auto max-w-3xl">
          <h1 className="sr-only">{t('Prompts')}</h1>
          {prompts.isPending && <Loading />}
          {prompts.error && <Failed error={prompts.error} retry={() => void prompts.refetch()} />}
          {prompts.data?.length === 0 && (
            <Empty icon={BookMarked} title={t('Keep what you ask often')}>
              {t('Type / in a chat to use a prompt. Write {{braces}} around a name to be asked for it.', {
                braces: '{{topic}}',
              })}
            </Empty>
          )}
          <ul className="flex flex-col gap-2 pt-2">
            {prompts.data?.map((prompt) => (
              <li key={prompt.id} className="flex items-start gap-3 rounded-card border border-line bg-raised p-4">
                <div className="min-w-0 flex-1">
                  <p className="flex flex-wrap items-center gap-2 text-sm">
                    <span className="font-mono text-xs text-accent">/{prompt.command}</span>
                    <span className="font-medium">{prompt.title}</span>
                    {prompt.shared && (
                      <span className="flex items-center gap-1 text-xs text-quiet">
                        <Users className="size-3" /> {prompt.mine ? t('shared by you') : t('shared with you')}
                      </span>
                    )}
                  </p>
                  <p className="mt-1 line-clamp-2 text-sm text-quiet">{prompt.text}</p>
                </div>
                {prompt.mine && (
                  <>
                    <Button
                      look="quiet"
                      size="icon-small"
                      aria-label={t('Edit {{name}}', { name: prompt.title })}
                      onClick={() => setEditing(prompt)}
                    >
                      <Pencil className="size-4" />
                    </Button>
                    <Button
                      look="quiet"
                      size="icon-small"
                      aria-label={t('Delete {{name}}', { name: prompt.title })}
                      onClick={() => setDeleting(prompt)}
                    >
                      <Trash2 className="size-4" />
                    </Button>
                  </>
                )}
              </li>
            ))}
          </ul>
        </div>
      </div>
      {editing && <Edit prompt={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />}
      {deleting && (
        <Confirm
          open
          onOpenChange={() => setDeleting(undefined)}
          title={t('Delete “{{name}}”?', { name: deleting.title })}
          action={t('Delete')}
          onConfirm={async () => {
            await api.delete(`/api/v1/prompts/${deleting.id}`);
            await queryClient.invalidateQueries(promptsQuery);
          }}
        />
      )}
    </div>
  );
}

function Edit({ prompt, onClose }: { prompt?: Prompt; onClose(): void }) {
  const { t } = useTranslation();
  const [shared, setShared] = useState(prompt?.shared ?? false);
  const form = useSubmit(async ({ command, title, text }) => {
    const wish = { command, title, text, shared };
    await (prompt ? api.patch(`/api/v1/prompts/${prompt.id}`, wish) : api.post('/api/v1/prompts', wish));
    await queryClient.invalidateQueries(promptsQuery);
    onClose();
  });
  return (
    <Dialog open onOpenChange={onClose} title={prompt ? t('Edit the prompt') : t('New prompt')} wide>
      <form onSubmit={form.onSubmit} className="flex flex-col gap-4 pb-2">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t('Title')}>
            {(id) => <Input id={id} name="title" required maxLength={100} defaultValue={prompt?.title} />}
          </Field>
          <Field label={t('Command')} hint={t('What is typed after the slash.')}>
            {(id) => (
              <Input
                id={id}
                name="command"
                required
                pattern="[a-z0-9][a-z0-9\-]{0,39}"
                defaultValue={prompt?.command}
              />
            )}
          </Field>
        </div>
        <Field
          label={t('Text')}
          hint={t('Write {{braces}} around a name to be asked for it.', { braces: '{{topic}}' })}
        >
          {(id) => <Textarea id={id} name="text" required rows={8} defaultValue={prompt?.text} />}
        </Field>
        <SwitchRow label={t('Share it with my organisation')} checked={shared} onChange={setShared} />
        <ErrorLine error={form.error} />
        <Button type="submit" look="primary" disabled={form.busy} className="self-end">
          {t('Save')}
        </Button>
      </form>
    </Dialog>
  );
}
