import { useQuery } from '@tanstack/react-query';
import { Check, Copy, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, query } from '../../api/client.ts';
import { queryClient } from '../../api/queries.ts';
import type { Conversation } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { useCopy } from '../../ui/copy.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input, Select } from '../../ui/field.tsx';
import { when } from '../../ui/format.ts';
import { ErrorLine } from '../../ui/states.tsx';
import { useSubmit } from '../auth/use-submit.ts';

interface Share {
  id: string;
  createdAt: string;
  expiresAt: string | null;
}

/** Links to a chat as it is now: made, listed and revoked. */
export function ShareDialog({ conversation: { id }, onClose }: { conversation: Conversation; onClose(): void }) {
  const { t, i18n } = useTranslation();
  const [link, setLink] = useState<string>();
  const [copied, copy] = useCopy();
  const queryKey = ['shares', id];
  const shares = useQuery({
    queryKey,
    queryFn: async () => (await api.get<{ data: Share[] }>(`/api/v1/shares${query({ conversationId: id })}`)).data,
  });
  const form = useSubmit(async ({ days }) => {
    const { path } = await api.post<{ path: string }>('/api/v1/shares', {
      conversationId: id,
      ...(days && { days: Number(days) }),
    });
    setLink(location.origin + path);
    await queryClient.invalidateQueries({ queryKey });
  });
  async function revoke(share: string): Promise<void> {
    await api.delete(`/api/v1/shares/${share}`).catch(form.setError);
    await queryClient.invalidateQueries({ queryKey });
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('Share this chat')}
      description={t(
        'Whoever has the link reads the chat as it is now, without logging in: no costs, no files, nothing that is said later.',
      )}
    >
      {link ? (
        <div className="flex gap-2">
          <Input readOnly value={link} aria-label={t('Link')} onFocus={(event) => event.target.select()} />
          <Button look="primary" onClick={() => copy(link)}>
            {copied ? <Check className="size-4" /> : <Copy className="size-4" />} {copied ? t('Copied') : t('Copy')}
          </Button>
        </div>
      ) : (
        <form onSubmit={form.onSubmit} className="flex items-end gap-2">
          <div className="flex-1">
            <Field label={t('The link holds')}>
              {(field) => (
                <Select id={field} name="days" defaultValue="30">
                  <option value="1">{t('for a day')}</option>
                  <option value="7">{t('for a week')}</option>
                  <option value="30">{t('for a month')}</option>
                  <option value="">{t('until I revoke it')}</option>
                </Select>
              )}
            </Field>
          </div>
          <Button type="submit" look="primary" disabled={form.busy}>
            {t('Make a link')}
          </Button>
        </form>
      )}
      <div className="mt-2">
        <ErrorLine error={form.error} />
      </div>
      {(shares.data?.length ?? 0) > 0 && (
        <>
          <h3 className="mt-5 mb-1 text-sm font-medium">{t('Links to this chat')}</h3>
          <ul className="divide-y divide-line text-sm">
            {shares.data!.map((share) => (
              <li key={share.id} className="flex items-center gap-3 py-1.5">
                <span className="flex-1 text-quiet">
                  {when(share.createdAt, i18n.language)} ·{' '}
                  {share.expiresAt
                    ? t('until {{time}}', { time: when(share.expiresAt, i18n.language) })
                    : t('until I revoke it')}
                </span>
                <Button look="danger" size="small" onClick={() => void revoke(share.id)}>
                  <Trash2 className="size-3.5" /> {t('Revoke')}
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}
