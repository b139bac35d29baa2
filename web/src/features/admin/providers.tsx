import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX, House, Server } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { duration } from '../../ui/format.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Empty, ErrorLine, Failed, Loading, Spinner } from '../../ui/states.tsx';

interface Provider {
  id: string;
  kind: string;
  local: boolean;
  wires: string[];
  credentials: string[];
  models: number;
}

interface Trial {
  reachable: boolean;
  keyValid: boolean | null;
  models: number | null;
  latencyMs: number;
  detail: string;
}

/** Who answers here, and whether they do. */
export default function ProvidersPage() {
  const { t } = useTranslation();
  const providers = useQuery({
    queryKey: ['providers'],
    queryFn: async () => (await api.get<{ data: Provider[] }>('/api/v1/providers')).data,
  });
  return (
    <>
      <PageHead
        title={t('Providers')}
        lead={t(
          'Providers stand in sluice.yaml, or are found by their keys in the environment. A change of the file is in force at once.',
        )}
      >
        <Button nativeButton={false} render={<a href="/docs/reference/providers" />}>
          {t('How to add one')}
        </Button>
      </PageHead>
      {providers.isPending && <Loading />}
      {providers.error && <Failed error={providers.error} retry={() => void providers.refetch()} />}
      {providers.data?.length === 0 && <Empty icon={Server} title={t('No providers')} />}
      <ul className="grid gap-3 lg:grid-cols-2">
        {providers.data?.map((provider) => (
          <ProviderCard key={provider.id} provider={provider} />
        ))}
      </ul>
    </>
  );
}

function ProviderCard({ provider: { id, kind, local, wires, credentials, models } }: { provider: Provider }) {
  const { t } = useTranslation();
  const [trial, setTrial] = useState<Trial | 'running'>();
  const [error, setError] = useState<unknown>();
  async function test(): Promise<void> {
    setError(undefined);
    setTrial('running');
    try {
      setTrial(await api.post<Trial>(`/api/v1/providers/${id}/test`));
    } catch (thrown) {
      setError(thrown);
      setTrial(undefined);
    }
  }
  return (
    <li className="rounded-card border border-line bg-raised p-4 text-sm">
      <div className="flex items-center gap-2">
        <h2 className="font-semibold">{id}</h2>
        <span className="text-xs text-quiet">{kind}</span>
        {local && (
          <span className="flex items-center gap-1 rounded-full bg-good-wash px-2 py-0.5 text-xs text-good">
            <House className="size-3" /> {t('local')}
          </span>
        )}
        <span className="flex-1" />
        <Button size="small" disabled={trial === 'running'} onClick={() => void test()}>
          {trial === 'running' && <Spinner className="size-3.5" />} {t('Test')}
        </Button>
      </div>
      <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-xs [&_dt]:text-quiet">
        <dt>{t('Models')}</dt>
        <dd>{models}</dd>
        <dt>{t('Wires')}</dt>
        <dd>{wires.join(', ')}</dd>
        <dt>{t('Credentials')}</dt>
        <dd>{credentials.join(', ') || '–'}</dd>
      </dl>
      {trial && trial !== 'running' && (
        <p
          role="status"
          className={`mt-3 flex items-start gap-2 rounded-control px-3 py-2 text-xs ${trial.reachable && trial.keyValid !== false ? 'bg-good-wash text-good' : 'bg-danger-wash text-danger'}`}
        >
          {trial.reachable && trial.keyValid !== false ? (
            <CircleCheck className="size-4 shrink-0" />
          ) : (
            <CircleX className="size-4 shrink-0" />
          )}
          <span>
            {trial.detail} ({duration(trial.latencyMs)})
          </span>
        </p>
      )}
      {error !== undefined && (
        <div className="mt-3">
          <ErrorLine error={error} />
        </div>
      )}
    </li>
  );
}
