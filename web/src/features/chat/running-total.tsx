import { useTranslation } from 'react-i18next';
import { usePreferences } from '../../api/queries.ts';
import type { WholeConversation } from '../../api/types.ts';
import { usd } from '../../ui/format.ts';

/** What the chat has cost so far, all branches together. */
export function RunningTotal({ conversation: { costUsd, savedUsd } }: { conversation: WholeConversation }) {
  const { t } = useTranslation();
  const { showCosts = true } = usePreferences();
  if (!showCosts) return null;
  return (
    <span className="mr-1 hidden text-xs whitespace-nowrap text-quiet tabular-nums sm:inline" data-testid="total">
      {t('{{amount}} so far', { amount: usd(costUsd) })}
      {Number(savedUsd) > 0 && <span className="text-good"> · {t('saved {{amount}}', { amount: usd(savedUsd) })}</span>}
    </span>
  );
}
