import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { queryClient } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { SwitchRow } from '../../ui/field.tsx';
import { Figure } from '../../ui/figure.tsx';
import { bytes, short, usd } from '../../ui/format.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Failed, Loading } from '../../ui/states.tsx';
import { say, sayError } from '../../ui/toast.tsx';

interface Settings {
  inForce: { exact?: { enabled?: boolean }; semantic?: { enabled?: boolean }; scope?: string };
  override: { exact?: { enabled?: boolean }; semantic?: { enabled?: boolean } } | null;
}

interface Stats {
  hits: number;
  misses: number;
  savedUsd: string;
  entries: number;
  bytes: number;
}

/** Answers that were given before: what they saved, and whether they are given again. */
export default function CachePage() {
  const { t } = useTranslation();
  const [emptying, setEmptying] = useState(false);
  const queryKey = ['cache-settings'];
  const settings = useQuery({ queryKey, queryFn: () => api.get<Settings>('/api/v1/cache/settings') });
  const stats = useQuery({
    queryKey: ['cache-stats'],
    queryFn: () => api.get<Stats>('/api/v1/cache/stats'),
    refetchInterval: 5000,
  });
  if (settings.isPending) return <Loading />;
  if (settings.error) return <Failed error={settings.error} retry={() => void settings.refetch()} />;
  const { inForce, override } = settings.data;
  const change = (kind: 'exact' | 'semantic', enabled: boolean) =>
    void api
      .put('/api/v1/cache/settings', { ...override, [kind]: { ...override?.[kind], enabled } })
      .then(() => queryClient.invalidateQueries({ queryKey }))
      .catch((error) => sayError(t('The cache could not be changed'), error));
  const { hits = 0, misses = 0, savedUsd = '0', entries = 0, bytes: size = 0 } = stats.data ?? {};
  return (
    <>
      <PageHead
        title={t('Cache')}
        lead={t(
          'A question that was asked before is answered at once and for nothing. Nobody is given an answer of another organisation.',
        )}
      >
        <Button look="danger" onClick={() => setEmptying(true)}>
          {t('Void all answers')}
        </Button>
      </PageHead>
      <div className="mb-5 grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Figure name={t('Saved')} value={usd(savedUsd)} good />
        <Figure name={t('Found')} value={short(hits)} />
        <Figure name={t('Not found')} value={short(misses)} />
        <Figure name={t('Answers kept')} value={short(entries)} note={bytes(size)} />
      </div>
      <Card title={t('Settings')}>
        <div className="divide-y divide-line">
          <SwitchRow
            label={t('Same question')}
            hint={t('Word for word, to the same model with the same settings.')}
            checked={inForce.exact?.enabled ?? false}
            onChange={(on) => change('exact', on)}
          />
          <SwitchRow
            label={t('Nearly the same question')}
            hint={t('By meaning. It needs a model for embeddings.')}
            checked={inForce.semantic?.enabled ?? false}
            onChange={(on) => change('semantic', on)}
          />
        </div>
      </Card>
      {emptying && (
        <Confirm
          open
          onOpenChange={setEmptying}
          title={t('Void all answers?')}
          description={t('Every question is asked anew from now on.')}
          action={t('Void all answers')}
          onConfirm={async () => {
            await api.post('/api/v1/cache/invalidate', { all: true });
            say(t('All answers are void'));
          }}
        />
      )}
    </>
  );
}
