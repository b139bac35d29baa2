import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { Card } from '../../ui/card.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { Failed, Loading } from '../../ui/states.tsx';
import { BrandingForm } from './branding-form.tsx';

interface InForce {
  version: string;
  database: 'embedded' | 'postgresql';
  redis: boolean;
  configFile: string;
  settings: Record<string, unknown>;
}

/** How the gateway runs, and what the app looks like. */
export default function GatewayPage() {
  const { t } = useTranslation();
  const inForce = useQuery({ queryKey: ['settings'], queryFn: () => api.get<InForce>('/api/v1/settings') });
  if (inForce.isPending) return <Loading />;
  if (inForce.error) return <Failed error={inForce.error} retry={() => void inForce.refetch()} />;
  const { version, database, redis, configFile, settings } = inForce.data;
  const facts: [string, string][] = [
    [t('Version'), version],
    [t('Database'), database === 'embedded' ? t('embedded') : 'PostgreSQL'],
    [t('Replicas'), redis ? t('hear of each other through Redis') : t('this process alone')],
    [t('Configuration file'), configFile],
  ];
  return (
    <>
      <PageHead title={t('Settings')} lead={t('How this gateway runs, and what the app looks like.')} />
      <Card title={t('Branding')} hint={t('What people see: on the page where they sign in, and everywhere after it.')}>
        <BrandingForm />
      </Card>
      <Card title={t('This gateway')}>
        <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5 text-sm [&_dd]:min-w-0 [&_dd]:break-words [&_dt]:text-quiet">
          {facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Card>
      <Card
        title={t('In force')}
        hint={t('These stand in the configuration file. A change of it is in force at once.')}
        action={
          <a href="/docs/reference/configuration" className="text-sm text-accent underline underline-offset-4">
            {t('What each means')}
          </a>
        }
      >
        <dl className="grid gap-x-8 text-xs sm:grid-cols-2">
          {flat(settings).map(([path, value]) => (
            <div key={path} className="flex justify-between gap-4 border-b border-line py-1.5">
              <dt className="min-w-0 font-mono break-all text-quiet">{path}</dt>
              <dd className="min-w-0 text-right font-mono break-words">{value}</dd>
            </div>
          ))}
        </dl>
      </Card>
    </>
  );
}

/** Settings by their paths, as the configuration's reference names them. */
function flat(value: unknown, path = ''): [string, string][] {
  if (value === undefined || value === null) return [[path, '–']];
  if (Array.isArray(value)) return [[path, value.join(', ') || '–']];
  if (typeof value === 'object')
    return Object.entries(value).flatMap(([name, each]) => flat(each, path === '' ? name : `${path}.${name}`));
  return [[path, String(value)]];
}
