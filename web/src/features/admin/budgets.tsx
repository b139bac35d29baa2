import { useQuery } from '@tanstack/react-query';
import { Plus, Trash2, Wallet } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { may, queryClient, useMe } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { cn } from '../../ui/cn.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input, Select, SwitchRow } from '../../ui/field.tsx';
import { short, usd, when } from '../../ui/format.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Empty, ErrorLine, Failed, Loading } from '../../ui/states.tsx';
import { useSubmit } from '../auth/use-submit.ts';

interface Budget {
  id: string;
  name: string;
  scope: string;
  target: string | null;
  unit: 'usd' | 'tokens';
  limit: string;
  window: string;
  hard: boolean;
  spent: string | null;
  held: string | null;
  left: string | null;
  resetsAt: string | null;
}

const queryKey = ['budgets'];

/** What may be spent by whom, and where that stands. */
export default function BudgetsPage() {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const budgets = useQuery({
    queryKey,
    queryFn: async () => (await api.get<{ data: Budget[] }>('/api/v1/budgets')).data,
    refetchInterval: 10_000,
  });
  const [making, setMaking] = useState(false);
  const [removing, setRemoving] = useState<Budget>();
  const writes = may(me, 'budgets:write');
  return (
    <>
      <PageHead
        title={t('Budgets')}
        lead={t(
          'A hard budget refuses a call before it could be overspent, however many run at once; a soft one only warns.',
        )}
      >
        {writes && (
          <Button look="primary" onClick={() => setMaking(true)}>
            <Plus className="size-4" /> {t('New budget')}
          </Button>
        )}
      </PageHead>
      {budgets.isPending && <Loading />}
      {budgets.error && <Failed error={budgets.error} retry={() => void budgets.refetch()} />}
      {budgets.data?.length === 0 && (
        <Empty icon={Wallet} title={t('No budgets yet')}>
          {t('Set one for the organisation, a team, a person, a key or a tag.')}
        </Empty>
      )}
      <ul className="grid gap-3 lg:grid-cols-2">
        {budgets.data?.map((budget) => {
          const amount = (value: string | null) => (budget.unit === 'usd' ? usd(value) : short(Number(value ?? 0)));
          const share = Math.min(1, Number(budget.spent ?? 0) / Math.max(Number(budget.limit), Number.MIN_VALUE));
          return (
            <li key={budget.id} className="rounded-card border border-line bg-raised p-4 text-sm">
              <div className="flex items-center gap-2">
                <h2 className="min-w-0 flex-1 truncate font-semibold">{budget.name}</h2>
                <span
                  className={cn(
                    'rounded-full px-2 py-0.5 text-xs',
                    budget.hard ? 'bg-wash text-accent' : 'bg-sunken text-quiet',
                  )}
                >
                  {budget.hard ? t('hard') : t('soft')}
                </span>
                {writes && budget.id.startsWith('bud_') && (
                  <Button
                    look="quiet"
                    size="icon-small"
                    aria-label={t('Delete {{name}}', { name: budget.name })}
                    onClick={() => setRemoving(budget)}
                  >
                    <Trash2 className="size-4" />
                  </Button>
                )}
              </div>
              <p className="text-xs text-quiet">
                {budget.scope} {budget.target} · {budget.window}
              </p>
              <div
                className="mt-3 h-2 rounded-full bg-sunken"
                role="meter"
                aria-label={t('Spent')}
                aria-valuenow={Math.round(share * 100)}
                aria-valuemin={0}
                aria-valuemax={100}
              >
                <div
                  className={cn(
                    'h-full rounded-full',
                    share >= 1 ? 'bg-danger' : share >= 0.8 ? 'bg-warn' : 'bg-accent',
                  )}
                  style={{ width: `${share * 100}%` }}
                />
              </div>
              <p className="mt-2 flex justify-between gap-4 tabular-nums">
                <span>
                  {amount(budget.spent)}{' '}
                  <span className="text-quiet">{t('of {{limit}}', { limit: amount(budget.limit) })}</span>
                </span>
                <span className="text-quiet">
                  {budget.resetsAt ? t('anew {{time}}', { time: when(budget.resetsAt, i18n.language) }) : ''}
                </span>
              </p>
            </li>
          );
        })}
      </ul>
      {making && <NewBudget onClose={() => setMaking(false)} />}
      {removing && (
        <Confirm
          open
          onOpenChange={() => setRemoving(undefined)}
          title={t('Delete “{{name}}”?', { name: removing.name })}
          description={t('Nothing limits this spending any more.')}
          action={t('Delete')}
          onConfirm={async () => {
            await api.delete(`/api/v1/budgets/${removing.id}`);
            await queryClient.invalidateQueries({ queryKey });
          }}
        />
      )}
    </>
  );
}

function NewBudget({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const [scope, setScope] = useState('organisation');
  const [hard, setHard] = useState(true);
  const form = useSubmit(async ({ name, target, unit, limit, window }) => {
    await api.post('/api/v1/budgets', {
      name,
      scope,
      ...(scope !== 'organisation' && { target }),
      unit,
      limit,
      window,
      hard,
    });
    await queryClient.invalidateQueries({ queryKey });
    onClose();
  });
  return (
    <Dialog open onOpenChange={onClose} title={t('New budget')}>
      <form onSubmit={form.onSubmit} className="flex flex-col gap-4 pb-2">
        <Field label={t('Name')}>{(id) => <Input id={id} name="name" required maxLength={100} />}</Field>
        <div className="grid grid-cols-2 gap-3">
          <Field label={t('For')}>
            {(id) => (
              <Select id={id} value={scope} onChange={({ target }) => setScope(target.value)}>
                {['organisation', 'team', 'user', 'key', 'tag'].map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </Select>
            )}
          </Field>
          {scope !== 'organisation' && (
            <Field label={scope === 'tag' ? t('Tag') : t('Its id')}>
              {(id) => <Input id={id} name="target" required />}
            </Field>
          )}
        </div>
        <div className="grid grid-cols-3 gap-3">
          <Field label={t('Limit')}>
            {(id) => <Input id={id} name="limit" required inputMode="decimal" placeholder="50" />}
          </Field>
          <Field label={t('Unit')}>
            {(id) => (
              <Select id={id} name="unit">
                <option value="usd">US $</option>
                <option value="tokens">{t('tokens')}</option>
              </Select>
            )}
          </Field>
          <Field label={t('Each')}>
            {(id) => (
              <Select id={id} name="window" defaultValue="month">
                <option value="day">{t('day')}</option>
                <option value="week">{t('week')}</option>
                <option value="month">{t('month')}</option>
                <option value="total">{t('for good')}</option>
              </Select>
            )}
          </Field>
        </div>
        <SwitchRow
          label={t('Hard')}
          hint={t('Calls are refused when it is used up.')}
          checked={hard}
          onChange={setHard}
        />
        <ErrorLine error={form.error} />
        <Button type="submit" look="primary" disabled={form.busy} className="self-end">
          {t('Set it')}
        </Button>
      </form>
    </Dialog>
  );
}
