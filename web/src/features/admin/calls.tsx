import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Download, ListTree } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api, query } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Input } from '../../ui/field.tsx';
import { duration, short, usd, when } from '../../ui/format.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Empty, Failed, Loading } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';

interface Call {
  requestId: string;
  at: string;
  keyName: string;
  userId: string | null;
  operation: string;
  dialect: string;
  stream: boolean;
  modelAsked: string;
  modelUsed: string | null;
  provider: string | null;
  input: number;
  cacheRead: number;
  output: number;
  reasoning: number;
  costUsd: string | null;
  savedUsd: string | null;
  latencyMs: number;
  firstTokenMs: number | null;
  route: string | null;
  attempts: { model: string; provider: string; credential: string; outcome: string; status?: number; ms: number }[];
  losses: string | null;
  tags: string[];
  finish: string | null;
  outcome: string;
  cache: string | null;
  status: number;
  errorCode: string | null;
  errorMessage: string | null;
  feedback?: { score: number; note: string | null } | null;
}

type Filter = {
  model?: string;
  provider?: string;
  key?: string;
  from?: string;
  to?: string;
  id?: string;
};

const pageRows = 500;

/** The ledger: every call, filtered by what stands in the address, and each of them opened. */
export default function CallsPage() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const filter = useSearch({ strict: false }) as Filter;
  const { id, ...rest } = filter;
  const asked = { ...rest, from: rest.from && `${rest.from}T00:00:00Z`, to: rest.to && `${rest.to}T00:00:00Z` };
  const calls = useInfiniteQuery({
    queryKey: ['calls', asked],
    queryFn: ({ pageParam }) =>
      api.get<{ data: Call[]; next: string | null }>(
        `/api/v1/calls${query({ ...asked, limit: pageRows, before: pageParam })}`,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    // Whoever reads further down is not disturbed.
    refetchInterval: ({ state }) => (state.data && state.data.pages.length > 1 ? false : 10_000),
  });
  const rows = useMemo(() => calls.data?.pages.flatMap(({ data }) => data) ?? [], [calls.data]);
  const go = (change: Filter) =>
    void navigate({ to: '/admin/calls', search: clean({ ...filter, ...change }), replace: true });
  const columns: Column<Call>[] = [
    { name: t('Time'), width: '10rem', cell: ({ at }) => when(at, i18n.language) },
    { name: t('Model'), width: 'minmax(10rem, 1.5fr)', cell: ({ modelUsed, modelAsked }) => modelUsed ?? modelAsked },
    { name: t('Key'), width: 'minmax(7rem, 1fr)', cell: ({ keyName }) => keyName },
    { name: t('Result'), width: '7rem', cell: (call) => <Outcome call={call} /> },
    {
      name: t('Tokens'),
      width: '6.5rem',
      right: true,
      cell: ({ input, cacheRead, output }) => `${short(input + cacheRead)} → ${short(output)}`,
    },
    {
      name: t('Cost'),
      width: '5.5rem',
      right: true,
      cell: ({ costUsd }) => (costUsd === null ? t('unpriced') : usd(costUsd)),
    },
    { name: t('Saved'), width: '5.5rem', right: true, cell: ({ savedUsd }) => usd(savedUsd) },
    { name: t('Took'), width: '5rem', right: true, cell: ({ latencyMs }) => duration(latencyMs) },
  ];
  return (
    <>
      <PageHead title={t('Calls')} lead={t('The ledger: one row for each call, whatever became of it.')}>
        <Button
          nativeButton={false}
          render={<a href={`/api/v1/usage/export${query({ ...asked, format: 'csv' })}`} download />}
        >
          <Download className="size-4" /> CSV
        </Button>
      </PageHead>
      <div className="mb-3 flex flex-wrap gap-2">
        {(['model', 'provider', 'key'] as const).map((name) => (
          <Input
            key={name}
            className="!w-44"
            placeholder={{ model: t('Model'), provider: t('Provider'), key: t('Key id') }[name]}
            aria-label={{ model: t('Model'), provider: t('Provider'), key: t('Key id') }[name]}
            defaultValue={filter[name]}
            onBlur={({ target }) => go({ [name]: target.value })}
            onKeyDown={(event) => event.key === 'Enter' && go({ [name]: event.currentTarget.value })}
          />
        ))}
        <Input
          type="date"
          className="!w-40"
          aria-label={t('From')}
          value={filter.from ?? ''}
          onChange={({ target }) => go({ from: target.value })}
        />
        <Input
          type="date"
          className="!w-40"
          aria-label={t('Until')}
          value={filter.to ?? ''}
          onChange={({ target }) => go({ to: target.value })}
        />
      </div>
      {calls.isPending && <Loading />}
      {calls.error && <Failed error={calls.error} retry={() => void calls.refetch()} />}
      {calls.data &&
        (rows.length === 0 ? (
          <Empty icon={ListTree} title={t('No calls')}>
            {t('Nothing was asked that fits the filter.')}
          </Empty>
        ) : (
          <Table
            label={t('Calls')}
            columns={columns}
            rows={rows}
            onEnd={calls.hasNextPage && !calls.isFetchingNextPage ? () => void calls.fetchNextPage() : undefined}
            keyOf={({ requestId }) => requestId}
            onOpen={(call) => go({ id: call.requestId })}
            minWidth="62rem"
          />
        ))}
      {id && <CallDialog id={id} onClose={() => go({ id: undefined })} />}
    </>
  );
}

const clean = (filter: Filter): Filter => Object.fromEntries(Object.entries(filter).filter(([, value]) => value));

function Outcome({ call: { outcome, status, errorCode, cache } }: { call: Call }) {
  const { t } = useTranslation();
  if (outcome === 'ok')
    return (
      <span className="text-good">
        {cache === 'exact' || cache === 'semantic' || cache === 'shared' ? t('cached') : t('answered')}
      </span>
    );
  return (
    <span className={outcome === 'aborted' ? 'text-warn' : 'text-danger'} title={errorCode ?? ''}>
      {outcome === 'aborted' ? t('hung up') : `${status} ${errorCode ?? ''}`}
    </span>
  );
}

/** One call: what was asked, what was tried, why this model, how long it took and what it cost. */
function CallDialog({ id, onClose }: { id: string; onClose(): void }) {
  const { t, i18n } = useTranslation();
  const call = useQuery({ queryKey: ['call', id], queryFn: () => api.get<Call>(`/api/v1/calls/${id}`), retry: false });
  const data = call.data;
  const rows: [string, string | number | null | undefined][] = data
    ? [
        [t('Time'), when(data.at, i18n.language)],
        [t('Asked for'), `${data.modelAsked} (${data.dialect}${data.stream ? ', stream' : ''})`],
        [t('Answered by'), data.modelUsed],
        [t('Why this model'), data.route],
        [t('Key'), data.keyName],
        [t('Result'), `${data.status} ${data.outcome}${data.finish ? `, ${data.finish}` : ''}`],
        [t('Error'), data.errorMessage],
        [
          t('Tokens in, out'),
          `${data.input + data.cacheRead}, ${data.output}${data.reasoning > 0 ? ` (${data.reasoning})` : ''}`,
        ],
        [t('Cost'), data.costUsd === null ? t('unpriced') : `$${data.costUsd}`],
        [t('Saved'), data.savedUsd === null ? '–' : `$${data.savedUsd}`],
        [t('First word after'), duration(data.firstTokenMs)],
        [t('Whole answer after'), duration(data.latencyMs)],
        [t('Cache'), data.cache],
        [t('Lost in translation'), data.losses],
        [t('Tags'), data.tags.join(', ')],
        [t('Feedback'), data.feedback && `${data.feedback.score} ${data.feedback.note ?? ''}`],
      ]
    : [];
  return (
    <Dialog open onOpenChange={onClose} wide title={t('Call')} description={<code className="text-xs">{id}</code>}>
      {call.isPending && <Loading />}
      {call.error && <Failed error={call.error} />}
      {data && (
        <>
          <dl className="grid grid-cols-[minmax(7rem,auto)_1fr] gap-x-5 gap-y-1.5 text-sm [&_dd]:break-words [&_dt]:text-quiet">
            {rows
              .filter(([, value]) => value)
              .map(([name, value]) => (
                <div key={name} className="contents">
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
          </dl>
          <h3 className="mt-5 mb-2 text-sm font-medium">{t('What was tried')}</h3>
          <ol className="mb-3 flex flex-col gap-1 text-sm">
            {data.attempts.map(({ model, credential, outcome, ms }, at) => (
              <li key={at} className="flex flex-wrap gap-x-3 rounded-control bg-sunken px-3 py-1.5">
                <span className="tabular-nums text-quiet">{at + 1}.</span>
                <span className="flex-1">{model}</span>
                <span className="text-quiet">{credential}</span>
                <span className={outcome === 'ok' ? 'text-good' : 'text-danger'}>{outcome}</span>
                <span className="tabular-nums text-quiet">{duration(ms)}</span>
              </li>
            ))}
            {data.attempts.length === 0 && <li className="text-quiet">{t('No provider was asked.')}</li>}
          </ol>
        </>
      )}
    </Dialog>
  );
}
