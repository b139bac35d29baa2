import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { foldersQuery, queryClient } from '../../api/queries.ts';
import type { Folder } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input, Select } from '../../ui/field.tsx';
import { ErrorLine } from '../../ui/states.tsx';
import { useSubmit } from '../auth/use-submit.ts';

/** Makes a folder or a project. */
export function FolderDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const form = useSubmit(async ({ name, kind }) => {
    const { id } = await api.post<Folder>('/api/v1/folders', { name, kind });
    await queryClient.invalidateQueries(foldersQuery);
    onClose();
    await navigate({ to: '/folders/$id', params: { id } });
  });
  return (
    <Dialog open onOpenChange={onClose} title={t('New project or folder')}>
      <form onSubmit={form.onSubmit} className="flex flex-col gap-4 pb-2">
        <Field label={t('Name')}>{(id) => <Input id={id} name="name" required maxLength={100} />}</Field>
        <Field
          label={t('Kind')}
          hint={t('A project gives its instructions and files to every chat in it. A folder only keeps them together.')}
        >
          {(id) => (
            <Select id={id} name="kind" defaultValue="project">
              <option value="project">{t('Project')}</option>
              <option value="folder">{t('Folder')}</option>
            </Select>
          )}
        </Field>
        <ErrorLine error={form.error} />
        <Button type="submit" look="primary" disabled={form.busy} className="self-end">
          {t('Make it')}
        </Button>
      </form>
    </Dialog>
  );
}
