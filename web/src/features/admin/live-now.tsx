import { useTranslation } from 'react-i18next';
import { Bars } from '../../ui/bars.tsx';
import { cn } from '../../ui/cn.ts';
import { duration, short, usd } from '../../ui/format.ts';
import { Series } from '../../ui/series.tsx';
import { type LiveSecond, useLive } from './live.ts';

const meanSeconds = 10;

/** What happens just now: two minutes of traffic, moving. */
export function LiveNow() {
  const { t } = useTranslation();
  const { seconds = [], connected } = useLive();
  const latest = seconds.at(-1);
  const lately = seconds.slice(-meanSeconds);
  const perSecond = (of: (second: LiveSecond) => number): number =>
    lately.length === 0 ? 0 : lately.reduce((sum, second) => sum + of(second), 0) / lately.length;
  const minute = seconds.slice(-60);
  const sum = (of: (second: LiveSecond) => number): number => minute.reduce((all, second) => all + of(second), 0);
  const figures: [string, string, boolean?][] = [
    [t('Requests/s'), rate(perSecond(({ requests }) => requests))],
    [t('Tokens/s'), short(Math.round(perSecond(({ tokens }) => tokens.input + tokens.output)))],
    [t('Running'), latest?.inFlight === undefined ? '–' : String(latest.inFlight)],
    [t('Failed/min'), String(sum(({ errors }) => errors)), sum(({ errors }) => errors) > 0],
    [t('Cost/min'), usd(sum(({ costUsd }) => Number(costUsd)))],
    ['p50', duration(latest?.latencyMs?.p50)],
    ['p95', duration(latest?.latencyMs?.p95)],
    ['p99', duration(latest?.latencyMs?.p99)],
  ];
  return (
    <section aria-label={t('Now')} className="mb-5 rounded-card border border-line bg-raised p-4 sm:p-5">
      <div className="mb-3 flex items-center gap-2 text-sm">
        <h2 className="font-semibold">{t('Now')}</h2>
        <span className={cn('size-2 rounded-full', connected ? 'pulse bg-good' : 'bg-faint')} aria-hidden="true" />
        <span role="status" className="text-xs text-quiet">
          {connected ? t('live') : t('connecting…')}
        </span>
      </div>
      <dl className="mb-3 grid grid-cols-4 gap-x-4 gap-y-2 lg:grid-cols-8">
        {figures.map(([name, value, bad]) => (
          <div key={name} className="min-w-0">
            <dt className="truncate text-xs text-quiet">{name}</dt>
            <dd className={cn('truncate font-semibold tabular-nums', bad && 'text-danger')}>{value}</dd>
          </div>
        ))}
      </dl>
      <Series
        label={t('Requests a second, the last two minutes')}
        height={120}
        times={seconds.map(({ at }) => at / 1000)}
        lines={[
          { name: t('Requests'), values: seconds.map(({ requests }) => requests), colour: 'accent', fill: true },
          { name: t('Failed'), values: seconds.map(({ errors }) => errors), colour: 'danger' },
        ]}
        format={rate}
        clock
      />
      <div className="mt-4 grid gap-x-8 gap-y-4 sm:grid-cols-2">
        <Lately
          name={t('Models, the last two minutes')}
          counts={countsOf(seconds, ({ byModel }) => byModel.map(({ model, requests }) => [model, requests]))}
        />
        <Lately
          name={t('Providers, the last two minutes')}
          counts={countsOf(seconds, ({ byProvider }) =>
            byProvider.map(({ provider, requests }) => [provider, requests]),
          )}
        />
      </div>
    </section>
  );
}

function Lately({ name, counts }: { name: string; counts: [string, number][] }) {
  return (
    <div className="min-w-0">
      <h3 className="mb-1.5 text-xs text-quiet">{name}</h3>
      <Bars most={5} rows={counts.map(([each, value]) => ({ name: each, value, text: short(value) }))} />
    </div>
  );
}

/** How many requests each name had. */
function countsOf(seconds: LiveSecond[], of: (second: LiveSecond) => [string, number][]): [string, number][] {
  const counts = new Map<string, number>();
  for (const [name, count] of seconds.flatMap(of)) counts.set(name, (counts.get(name) ?? 0) + count);
  return [...counts];
}

const rate = (value: number): string =>
  value >= 10 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
