import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, query } from '../../api/client.ts';
import { Bars } from '../../ui/bars.tsx';
import { Card } from '../../ui/card.tsx';
import { Figure } from '../../ui/figure.tsx';
import { short, usd } from '../../ui/format.ts';
import { Failed, Loading } from '../../ui/states.tsx';
import type { Sums, UsageRow } from '../admin/types.ts';

const days = 30;

/** What somebody used and what it cost, over the last month. */
export default function UsagePage() {
  const { t } = useTranslation();
  const from = new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
  const stats = useQuery({
    queryKey: ['stats', 'mine', from],
    queryFn: () => api.get<Sums>(`/api/v1/stats${query({ from: `${from}T00:00:00Z` })}`),
  });
  const byModel = useQuery({
    queryKey: ['usage', 'mine', from],
    queryFn: async () =>
      (await api.get<{ data: UsageRow[] }>(`/api/v1/usage${query({ from: `${from}T00:00:00Z`, by: 'model' })}`)).data,
  });
  if (stats.isPending) return <Loading />;
  if (stats.error) return <Failed error={stats.error} retry={() => void stats.refetch()} />;
  const { requests, totalTokens, costUsd, savedUsd } = stats.data;
  return (
    <>
      <h1 className="mb-4 text-xl font-semibold tracking-tight">{t('Usage')}</h1>
      <div className="mb-5 grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Figure name={t('Cost, {{count}} days', { count: days })} value={usd(costUsd)} />
        <Figure name={t('Saved')} value={usd(savedUsd)} good />
        <Figure name={t('Requests')} value={short(requests)} />
        <Figure name={t('Tokens')} value={short(totalTokens)} />
      </div>
      <Card title={t('Cost by model')}>
        <Bars
          rows={(byModel.data ?? []).map(({ group, costUsd }) => ({
            name: group ?? '–',
            value: Number(costUsd),
            text: usd(costUsd),
          }))}
        />
      </Card>
    </>
  );
}
