import { Popover } from '@base-ui/react/popover';
import { useTranslation } from 'react-i18next';
import type { AnswerMetadata } from '../../../../shared/src/chat.ts';
import { usePreferences } from '../../api/queries.ts';
import { duration, short, usd } from '../../ui/format.ts';
import { popupClass } from '../../ui/menu.tsx';

/** Under an answer: which model, what it cost, what it saved; and on a click everything that is known of it. */
export function AnswerFacts({ metadata }: { metadata: AnswerMetadata }) {
  const { t } = useTranslation();
  const { showCosts = true } = usePreferences();
  const { model, costUsd, savedUsd, latencyMs, cache } = metadata;
  if (model === undefined) return null;
  const name = model.slice(model.indexOf('/') + 1);
  const saved = Number(savedUsd ?? 0);
  return (
    <Popover.Root>
      <Popover.Trigger className="-mx-1 flex min-w-0 items-center gap-1.5 rounded-md px-1 py-0.5 text-xs text-quiet hover:bg-sunken hover:text-ink">
        <span className="truncate">{name}</span>
        {showCosts && costUsd !== undefined && (
          <>
            <span aria-hidden="true">·</span>
            <span className="whitespace-nowrap tabular-nums">{costUsd === null ? t('unpriced') : usd(costUsd)}</span>
            {saved > 0 && (
              <span className="whitespace-nowrap text-good tabular-nums">
                {t('saved {{amount}}', { amount: usd(saved) })}
              </span>
            )}
          </>
        )}
        {cache && <span className="rounded bg-wash px-1 text-accent">{t('cached')}</span>}
        <span className="hidden whitespace-nowrap tabular-nums sm:inline">· {duration(latencyMs)}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="start" className="z-50">
          <Popover.Popup className={`${popupClass} w-80 p-3`}>
            <Popover.Title className="mb-2 font-medium break-words">{model}</Popover.Title>
            <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-xs [&_dd]:text-right [&_dd]:break-words [&_dt]:text-quiet">
              <dt>{t('Why this model')}</dt>
              <dd>{metadata.route ?? '–'}</dd>
              <dt>{t('Asked for')}</dt>
              <dd>{[metadata.asked, metadata.mode].filter(Boolean).join(', ')}</dd>
              <dt>{t('Cost')}</dt>
              <dd className="tabular-nums">{costUsd === null ? t('unpriced') : usd(costUsd)}</dd>
              <dt>{t('Saved')}</dt>
              <dd className="tabular-nums">{usd(savedUsd)}</dd>
              <dt>{t('First word after')}</dt>
              <dd className="tabular-nums">{duration(metadata.firstTokenMs)}</dd>
              <dt>{t('Whole answer after')}</dt>
              <dd className="tabular-nums">{duration(latencyMs)}</dd>
              <dt>{t('Tokens in, out')}</dt>
              <dd className="tabular-nums">
                {short(metadata.inputTokens)}, {short(metadata.outputTokens)}
                {(metadata.reasoningTokens ?? 0) > 0 &&
                  ` (${t('{{count}} thinking', { count: metadata.reasoningTokens })})`}
              </dd>
              <dt>{t('Request')}</dt>
              <dd className="font-mono text-[0.6875rem]">{metadata.requestId}</dd>
            </dl>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
