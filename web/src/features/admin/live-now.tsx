import { useTranslation } from 'react-i18next';
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
    [t('Requests a second'), rate(perSecond(({ requests }) => requests))],
    [t('Tokens a second'), short(Math.round(perSecond(({ tokens }) => tokens.input + tokens.output)))],
    [t('Running'), latest?.inFlight === undefined ? '–' : String(latest.inFlight)],
    [t('Failed in a minute'), String(sum(({ errors }) => errors)), sum(({ errors }) => errors) > 0],
    [t('Cost a minute'), usd(sum(({ costUsd }) => Number(costUsd)))],
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
      />
    </section>
  );
}

const rate = (value: number): string => (value >= 10 || value === 0 ? String(Math.round(value)) : value.toFixed(1));
