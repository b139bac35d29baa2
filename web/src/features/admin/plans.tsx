import { useQuery } from '@tanstack/react-query';
import { BadgeDollarSign, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { queryClient, useMe } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { short, usd } from '../../ui/format.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Empty, ErrorLine, Failed, Loading } from '../../ui/states.tsx';
import { useSubmit } from '../auth/use-submit.ts';

interface Plan {
  id: string;
  name: string;
  tokensPerMonth: number | null;
  models: string[] | null;
  maxPriceUsd: string | null;
}

const queryKey = ['plans'];

/** What organisations may use: tokens a month, which models, and how dear they may be. */
export default function PlansPage() {
  const { t } = useTranslation();
  const me = useMe();
  const plans = useQuery({ queryKey, queryFn: async () => (await api.get<{ data: Plan[] }>('/api/v1/plans')).data });
  const [making, setMaking] = useState(false);
  const [removing, setRemoving] = useState<Plan>();
  return (
    <>
      <PageHead title={t('Plans')} lead={t('What organisations may use. A change holds for all who have the plan.')}>
        {me?.operator && (
          <Button look="primary" onClick={() => setMaking(true)}>
            <Plus className="size-4" /> {t('New plan')}
          </Button>
        )}
      </PageHead>
      {plans.isPending && <Loading />}
      {plans.error && <Failed error={plans.error} retry={() => void plans.refetch()} />}
      {plans.data?.length === 0 && <Empty icon={BadgeDollarSign} title={t('No plans yet')} />}
      <ul className="flex flex-col gap-2">
        {plans.data?.map((plan) => (
          <li
            key={plan.id}
            className="flex flex-wrap items-center gap-x-4 gap-y-1 rounded-card border border-line bg-raised px-4 py-3 text-sm"
          >
            <span className="min-w-40 flex-1 font-medium">{plan.name}</span>
            <span className="text-quiet">
              {plan.tokensPerMonth === null
                ? t('any number of tokens')
                : t('{{amount}} tokens a month', { amount: short(plan.tokensPerMonth) })}{' '}
              · {plan.models?.join(', ') ?? t('any model')}
              {plan.maxPriceUsd !== null &&
                ` · ${t('up to {{amount}} a million tokens', { amount: usd(plan.maxPriceUsd) })}`}
            </span>
            {me?.operator && (
              <Button
                look="quiet"
                size="icon-small"
                aria-label={t('Delete {{name}}', { name: plan.name })}
                onClick={() => setRemoving(plan)}
              >
                <Trash2 className="size-4" />
              </Button>
            )}
          </li>
        ))}
      </ul>
      {making && <NewPlan onClose={() => setMaking(false)} />}
      {removing && (
        <Confirm
          open
          onOpenChange={() => setRemoving(undefined)}
          title={t('Delete “{{name}}”?', { name: removing.name })}
          action={t('Delete')}
          onConfirm={async () => {
            await api.delete(`/api/v1/plans/${removing.id}`);
            await queryClient.invalidateQueries({ queryKey });
          }}
        />
      )}
    </>
  );
}

function NewPlan({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const form = useSubmit(async ({ name, tokensPerMonth, models = '', maxPriceUsd }) => {
    const names = models
      .split(',')
      .map((model) => model.trim())
      .filter(Boolean);
    await api.post('/api/v1/plans', {
      name,
      ...(tokensPerMonth && { tokensPerMonth: Number(tokensPerMonth) }),
      ...(names.length > 0 && { models: names }),
      ...(maxPriceUsd && { maxPriceUsd }),
    });
    await queryClient.invalidateQueries({ queryKey });
    onClose();
  });
  return (
    <Dialog open onOpenChange={onClose} title={t('New plan')}>
      <form onSubmit={form.onSubmit} className="flex flex-col gap-4 pb-2">
        <Field label={t('Name')}>{(id) => <Input id={id} name="name" required maxLength={100} />}</Field>
        <Field label={t('Tokens a month')}>
          {(id) => <Input id={id} name="tokensPerMonth" type="number" min="1" />}
        </Field>
        <Field label={t('Models')} hint={t('With commas between; a name may end in *. Empty: any.')}>
          {(id) => <Input id={id} name="models" />}
        </Field>
        <Field label={t('Dearest model, $ a million tokens')}>
          {(id) => <Input id={id} name="maxPriceUsd" inputMode="decimal" />}
        </Field>
        <ErrorLine error={form.error} />
        <Button type="submit" look="primary" disabled={form.busy} className="self-end">
          {t('Make it')}
        </Button>
      </form>
    </Dialog>
  );
}
