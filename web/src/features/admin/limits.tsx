import { useQuery } from '@tanstack/react-query';
import { Gauge, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { may, queryClient, useMe } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input, Select } from '../../ui/field.tsx';
import { short } from '../../ui/format.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Empty, ErrorLine, Failed, Loading } from '../../ui/states.tsx';
import { useSubmit } from '../auth/use-submit.ts';

interface Limit {
  id: string;
  subject: string;
  subjectId: string | null;
  model: string | null;
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  concurrent: number | null;
}

const queryKey = ['limits'];

/** How much may be asked for a minute and at a time, and by whom. */
export default function LimitsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const limits = useQuery({ queryKey, queryFn: async () => (await api.get<{ data: Limit[] }>('/api/v1/limits')).data });
  const [making, setMaking] = useState(false);
  const [removing, setRemoving] = useState<Limit>();
  const writes = may(me, 'limits:write');
  return (
    <>
      <PageHead
        title={t('Limits')}
        lead={t('How much may be asked for a minute and at a time. Whoever asks for more is told when to try again.')}
      >
        {writes && (
          <Button look="primary" onClick={() => setMaking(true)}>
            <Plus className="size-4" /> {t('New limit')}
          </Button>
        )}
      </PageHead>
      {limits.isPending && <Loading />}
      {limits.error && <Failed error={limits.error} retry={() => void limits.refetch()} />}
      {limits.data?.length === 0 && <Empty icon={Gauge} title={t('No limits yet')} />}
      <ul className="flex flex-col gap-2">
        {limits.data?.map((limit) => (
          <li
            key={limit.id}
            className="flex flex-wrap items-center gap-x-4 gap-y-1 rounded-card border border-line bg-raised px-4 py-3 text-sm"
          >
            <span className="min-w-40 flex-1 font-medium">
              {limit.subject} <span className="font-normal text-quiet">{limit.subjectId ?? t('each')}</span>
              {limit.model && <span className="font-normal text-quiet"> · {limit.model}</span>}
            </span>
            <span className="text-quiet tabular-nums">
              {[
                limit.requestsPerMinute !== null &&
                  t('{{amount}} requests a minute', { amount: short(limit.requestsPerMinute) }),
                limit.tokensPerMinute !== null &&
                  t('{{amount}} tokens a minute', { amount: short(limit.tokensPerMinute) }),
                limit.concurrent !== null && t('{{amount}} at a time', { amount: short(limit.concurrent) }),
              ]
                .filter(Boolean)
                .join(' · ')}
            </span>
            {writes && (
              <Button
                look="quiet"
                size="icon-small"
                aria-label={t('Delete {{name}}', { name: limit.subject })}
                onClick={() => setRemoving(limit)}
              >
                <Trash2 className="size-4" />
              </Button>
            )}
          </li>
        ))}
      </ul>
      {making && <NewLimit onClose={() => setMaking(false)} />}
      {removing && (
        <Confirm
          open
          onOpenChange={() => setRemoving(undefined)}
          title={t('Delete this limit?')}
          action={t('Delete')}
          onConfirm={async () => {
            await api.delete(`/api/v1/limits/${removing.id}`);
            await queryClient.invalidateQueries({ queryKey });
          }}
        />
      )}
    </>
  );
}

function NewLimit({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const form = useSubmit(async ({ subject, subjectId, model, ...figures }) => {
    const set = Object.entries(figures).filter(([, value]) => value !== '');
    await api.post('/api/v1/limits', {
      subject,
      ...(subjectId && { subjectId }),
      ...(model && { model }),
      ...Object.fromEntries(set.map(([name, value]) => [name, Number(value)])),
    });
    await queryClient.invalidateQueries({ queryKey });
    onClose();
  });
  return (
    <Dialog open onOpenChange={onClose} title={t('New limit')}>
      <form onSubmit={form.onSubmit} className="flex flex-col gap-4 pb-2">
        <div className="grid grid-cols-2 gap-3">
          <Field label={t('For')}>
            {(id) => (
              <Select id={id} name="subject">
                {['organisation', 'team', 'user', 'key', 'thread'].map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </Select>
            )}
          </Field>
          <Field label={t('Its id')} hint={t('Empty: each of them.')}>
            {(id) => <Input id={id} name="subjectId" />}
          </Field>
        </div>
        <Field label={t('Model')} hint={t('Empty: all models together.')}>
          {(id) => <Input id={id} name="model" />}
        </Field>
        <div className="grid grid-cols-3 gap-3">
          <Field label={t('Requests a minute')}>
            {(id) => <Input id={id} name="requestsPerMinute" type="number" min="1" />}
          </Field>
          <Field label={t('Tokens a minute')}>
            {(id) => <Input id={id} name="tokensPerMinute" type="number" min="1" />}
          </Field>
          <Field label={t('At a time')}>{(id) => <Input id={id} name="concurrent" type="number" min="1" />}</Field>
        </div>
        <ErrorLine error={form.error} />
        <Button type="submit" look="primary" disabled={form.busy} className="self-end">
          {t('Set it')}
        </Button>
      </form>
    </Dialog>
  );
}
