import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, query } from '../../api/client.ts';
import { Bars } from '../../ui/bars.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Select } from '../../ui/field.tsx';
import { Figure } from '../../ui/figure.tsx';
import { duration, short, usd } from '../../ui/format.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Series } from '../../ui/series.tsx';
import { Failed, Loading } from '../../ui/states.tsx';
import { LiveNow } from './live-now.tsx';
import type { Sums, UsageRow } from './types.ts';

const spans = { today: 0, week: 6, month: 29, quarter: 89 };
type Span = keyof typeof spans;

/** The beginning of the first day of a span, UTC as the ledger counts days. */
const startOf = (span: Span): string =>
  `${new Date(Date.now() - spans[span] * 86_400_000).toISOString().slice(0, 10)}T00:00:00Z`;

/** What happens now; and cost, savings, traffic and speed over a time, read again every few seconds. */
export default function OverviewPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { span: given } = useSearch({ strict: false }) as { span?: string };
  const span: Span = given !== undefined && Object.hasOwn(spans, given) ? (given as Span) : 'today';
  const from = startOf(span);
  const often = { refetchInterval: 5000 };
  const stats = useQuery({
    queryKey: ['stats', from],
    queryFn: () => api.get<Sums>(`/api/v1/stats${query({ from })}`),
    ...often,
  });
  const usage = (by: string) => ({
    queryKey: ['usage', by, from],
    queryFn: async () => (await api.get<{ data: UsageRow[] }>(`/api/v1/usage${query({ from, by })}`)).data,
  });
  const byModel = useQuery({ ...usage('model'), ...often });
  const byProvider = useQuery({ ...usage('provider'), ...often });
  const byKey = useQuery(usage('key'));
  const byDay = useQuery(usage('day'));
  const nameOf = useKeyNames();
  const names: Record<Span, string> = {
    today: t('Today'),
    week: t('7 days'),
    month: t('30 days'),
    quarter: t('90 days'),
  };
  if (stats.isPending) return <Loading />;
  if (stats.error) return <Failed error={stats.error} retry={() => void stats.refetch()} />;
  const { requests, errors, inputTokens, outputTokens, costUsd, savedUsd, latencyMs, firstTokenMs, unpriced } =
    stats.data;
  const would = Number(costUsd) + Number(savedUsd);
  const days = (byDay.data ?? []).toSorted((a, b) => (a.group ?? '').localeCompare(b.group ?? ''));
  return (
    <>
      <PageHead title={t('Overview')}>
        <Select
          aria-label={t('Time')}
          className="!w-32"
          value={span}
          onChange={({ target }) => void navigate({ to: '/admin', search: { span: target.value } })}
        >
          {Object.entries(names).map(([key, name]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </Select>
        <Button
          nativeButton={false}
          render={<a href={`/api/v1/usage/export${query({ from, format: 'csv' })}`} download />}
        >
          <Download className="size-4" /> CSV
        </Button>
      </PageHead>
      <LiveNow />
      <div className="mb-5 grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Figure
          name={t('Cost')}
          value={usd(costUsd)}
          note={unpriced > 0 ? t('{{count}} calls without a known price', { count: unpriced }) : undefined}
        />
        <Figure
          name={t('Saved')}
          value={usd(savedUsd)}
          good
          note={
            would > 0
              ? t('{{share}} of what the baseline would cost', {
                  share: `${Math.round((Number(savedUsd) / would) * 100)} %`,
                })
              : undefined
          }
        />
        <Figure name={t('Requests')} value={short(requests)} note={t('{{count}} failed', { count: errors })} />
        <Figure name={t('Tokens in, out')} value={`${short(inputTokens)}, ${short(outputTokens)}`} />
        <Figure name={t('Whole answer, half are faster')} value={duration(latencyMs?.p50)} />
        <Figure name={t('95 of 100 are faster')} value={duration(latencyMs?.p95)} />
        <Figure name={t('99 of 100 are faster')} value={duration(latencyMs?.p99)} />
        <Figure name={t('First word, half are faster')} value={duration(firstTokenMs?.p50)} />
      </div>
      {days.length > 1 && (
        <Card title={t('By day')}>
          <Series
            label={t('Cost and savings by day')}
            times={days.map(({ group }) => Date.parse(group ?? '') / 1000)}
            lines={[
              { name: t('Cost'), values: days.map((day) => Number(day.costUsd)), colour: 'accent', fill: true },
              { name: t('Saved'), values: days.map((day) => Number(day.savedUsd)), colour: 'good' },
            ]}
            format={usd}
          />
        </Card>
      )}
      <div className="grid grid-cols-[minmax(0,1fr)] gap-x-5 lg:grid-cols-[repeat(2,minmax(0,1fr))]">
        <Card title={t('Cost by model')}>
          <Bars
            rows={rowsOf(
              byModel.data,
              ({ costUsd }) => Number(costUsd),
              ({ costUsd, requests }) => `${usd(costUsd)} · ${short(requests)}`,
            )}
          />
        </Card>
        <Card title={t('Requests by provider')}>
          <Bars
            rows={rowsOf(
              byProvider.data,
              ({ requests }) => requests,
              ({ requests, errors }) =>
                `${short(requests)}${errors > 0 ? ` · ${t('{{count}} failed', { count: errors })}` : ''}`,
            )}
          />
        </Card>
        <Card title={t('Cost by key')}>
          <Bars
            rows={rowsOf(
              byKey.data?.map((row) => ({ ...row, group: nameOf(row.group ?? '') })),
              ({ costUsd }) => Number(costUsd),
              ({ costUsd }) => usd(costUsd),
            )}
          />
        </Card>
      </div>
    </>
  );
}

/** What keys and sessions are called, as far as whoever looks may know it. */
function useKeyNames(): (keyId: string) => string {
  const quietly = { retry: false, staleTime: 60_000 };
  const keys = useQuery({
    queryKey: ['keys'],
    queryFn: async () => (await api.get<{ data: { id: string; name: string }[] }>('/api/v1/keys')).data,
    ...quietly,
  });
  const people = useQuery({
    queryKey: ['users'],
    queryFn: async () => (await api.get<{ data: { id: string; name: string }[] }>('/api/v1/users')).data,
    ...quietly,
  });
  const names = new Map([
    ...(keys.data ?? []).map(({ id, name }) => [id, name] as const),
    ...(people.data ?? []).map(({ id, name }) => [`session:${id}`, name] as const),
  ]);
  return (keyId) => names.get(keyId) ?? keyId;
}

const rowsOf = (rows: UsageRow[] = [], value: (row: UsageRow) => number, text: (row: UsageRow) => string) =>
  rows.map((row) => ({ name: row.group ?? '–', value: value(row), text: text(row) }));
