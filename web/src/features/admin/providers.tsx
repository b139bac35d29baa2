import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX, House, Pencil, Plus, Server, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { modelsQuery, queryClient } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { cn } from '../../ui/cn.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { SwitchRow } from '../../ui/field.tsx';
import { duration } from '../../ui/format.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Empty, ErrorLine, Failed, Loading, Spinner } from '../../ui/states.tsx';
import { ProviderDialog } from './provider-dialog.tsx';
import type { Provider } from './types.ts';

interface Trial {
  reachable: boolean;
  keyValid: boolean | null;
  models: number | null;
  latencyMs: number;
  detail: string;
}

const queryKey = ['providers'];
const changed = () =>
  Promise.all([queryClient.invalidateQueries({ queryKey }), queryClient.invalidateQueries(modelsQuery)]);

/** Who answers here, whether they do, and who shall. */
export default function ProvidersPage() {
  const { t } = useTranslation();
  const providers = useQuery({
    queryKey,
    queryFn: async () => (await api.get<{ data: Provider[] }>('/api/v1/providers')).data,
  });
  const [editing, setEditing] = useState<Provider | 'new'>();
  const [removing, setRemoving] = useState<Provider>();
  const [fresh, setFresh] = useState<string>();
  return (
    <>
      <PageHead
        title={t('Providers')}
        lead={t(
          'Who answers calls. They are added here, stand in sluice.yaml, or are found by their keys in the environment; all can be switched off here.',
        )}
      >
        <Button look="primary" onClick={() => setEditing('new')}>
          <Plus className="size-4" /> {t('Add a provider')}
        </Button>
      </PageHead>
      {providers.isPending && <Loading />}
      {providers.error && <Failed error={providers.error} retry={() => void providers.refetch()} />}
      {providers.data?.length === 0 && <Empty icon={Server} title={t('No providers')} />}
      <ul className="grid gap-3 lg:grid-cols-2">
        {providers.data?.map((provider) => (
          <ProviderCard
            key={provider.id}
            provider={provider}
            fresh={provider.id === fresh}
            onEdit={() => setEditing(provider)}
            onRemove={() => setRemoving(provider)}
          />
        ))}
      </ul>
      {editing && (
        <ProviderDialog
          provider={editing === 'new' ? undefined : editing}
          onClose={() => setEditing(undefined)}
          onSaved={(id) => {
            setFresh(id);
            return changed();
          }}
        />
      )}
      {removing && (
        <Confirm
          open
          onOpenChange={() => setRemoving(undefined)}
          title={t('Delete “{{name}}”?', { name: removing.id })}
          description={t('Its models can be called no more, and its key is deleted.')}
          action={t('Delete')}
          onConfirm={async () => {
            await api.delete(`/api/v1/providers/${encodeURIComponent(removing.id)}`);
            await changed();
          }}
        />
      )}
    </>
  );
}

interface ProviderCardProps {
  provider: Provider;
  /** It was saved just now. */
  fresh: boolean;
  onEdit(): void;
  onRemove(): void;
}

function ProviderCard({ provider, fresh, onEdit, onRemove }: ProviderCardProps) {
  const { t } = useTranslation();
  const { id, kind, local, wires, credentials, models, origin, enabled, keyHint, fault, settings } = provider;
  const [trial, setTrial] = useState<Trial | 'running'>();
  const [error, setError] = useState<unknown>();
  const origins: Record<Provider['origin'], string> = {
    database: t('added here'),
    file: 'sluice.yaml',
    environment: t('environment'),
    'built-in': t('built in'),
  };
  async function act(what: () => Promise<unknown>): Promise<void> {
    setError(undefined);
    try {
      await what();
    } catch (thrown) {
      setError(thrown);
      setTrial(undefined);
    }
  }
  const test = () =>
    act(async () => {
      setTrial('running');
      setTrial(await api.post<Trial>(`/api/v1/providers/${encodeURIComponent(id)}/test`));
    });
  const enable = (on: boolean) =>
    act(async () => {
      await api.patch(`/api/v1/providers/${encodeURIComponent(id)}`, { enabled: on });
      await changed();
    });
  return (
    <li className={cn('rounded-card border bg-raised p-4 text-sm', fresh ? 'border-accent' : 'border-line')}>
      <div className="flex items-start gap-2">
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2 gap-y-1">
          <h2 className={cn('min-w-0 truncate font-semibold', !enabled && 'text-quiet')}>{id}</h2>
          <span className="text-xs text-quiet">
            {kind} · {origins[origin]}
          </span>
          {local && (
            <span className="flex items-center gap-1 rounded-full bg-good-wash px-2 py-0.5 text-xs text-good">
              <House className="size-3" /> {t('local')}
            </span>
          )}
        </div>
        {origin === 'database' && (
          <div className="-mt-1 flex shrink-0">
            <Button look="quiet" size="icon-small" aria-label={t('Change {{name}}', { name: id })} onClick={onEdit}>
              <Pencil className="size-4" />
            </Button>
            <Button look="quiet" size="icon-small" aria-label={t('Delete {{name}}', { name: id })} onClick={onRemove}>
              <Trash2 className="size-4" />
            </Button>
          </div>
        )}
      </div>
      <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-xs [&_dd]:min-w-0 [&_dd]:truncate [&_dt]:text-quiet">
        <dt>{t('Models')}</dt>
        <dd>{models}</dd>
        {settings?.baseUrl && (
          <>
            <dt>{t('Address')}</dt>
            <dd>{settings.baseUrl}</dd>
          </>
        )}
        <dt>{t('Wires')}</dt>
        <dd>{wires.join(', ') || '–'}</dd>
        <dt>{t('Credentials')}</dt>
        <dd>{keyHint ?? (credentials.join(', ') || '–')}</dd>
      </dl>
      {fault !== undefined && (
        <p className="mt-3 rounded-control bg-danger-wash px-3 py-2 text-xs text-danger">{fault}</p>
      )}
      {trial && trial !== 'running' && <TrialLine trial={trial} />}
      {error !== undefined && (
        <div className="mt-3">
          <ErrorLine error={error} />
        </div>
      )}
      {fault === undefined && (
        <div className="mt-3 flex items-center gap-6 border-t border-line pt-2">
          <div className="flex-1">
            <SwitchRow label={t('Takes calls')} checked={enabled} onChange={(on) => void enable(on)} />
          </div>
          <Button size="small" disabled={trial === 'running'} onClick={() => void test()}>
            {trial === 'running' && <Spinner className="size-3.5" />} {t('Test')}
          </Button>
        </div>
      )}
    </li>
  );
}

function TrialLine({ trial: { reachable, keyValid, detail, latencyMs } }: { trial: Trial }) {
  const good = reachable && keyValid !== false;
  const Icon = good ? CircleCheck : CircleX;
  return (
    <p
      role="status"
      className={cn(
        'mt-3 flex items-start gap-2 rounded-control px-3 py-2 text-xs',
        good ? 'bg-good-wash text-good' : 'bg-danger-wash text-danger',
      )}
    >
      <Icon className="size-4 shrink-0" />
      <span>
        {detail} ({duration(latencyMs)})
      </span>
    </p>
  );
}
