import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Boxes } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modelsQuery, useMe } from '../../api/queries.ts';
import type { Model } from '../../api/types.ts';
import { Input } from '../../ui/field.tsx';
import { short, usd } from '../../ui/format.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Empty, Failed, Loading } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { ModelDialog } from './model-dialog.tsx';

/** Every model that can be named here, with its price and what it can do. */
export default function ModelsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { q = '' } = useSearch({ strict: false }) as { q?: string };
  const words = useDeferredValue(q.toLowerCase());
  const models = useQuery(modelsQuery);
  const me = useMe();
  const [editing, setEditing] = useState<Model>();
  const rows = useMemo(
    () =>
      (models.data ?? []).filter(({ id, name = '', capabilities = [] }) =>
        `${id} ${name} ${capabilities.join(' ')}`.toLowerCase().includes(words),
      ),
    [models.data, words],
  );
  const columns: Column<Model>[] = [
    { name: t('Model'), width: 'minmax(14rem, 2fr)', cell: ({ id }) => id },
    {
      name: t('Input, $ a million'),
      width: '8rem',
      right: true,
      cell: ({ price }) => (price?.input === undefined ? '–' : usd(price.input)),
    },
    {
      name: t('Output, $ a million'),
      width: '8rem',
      right: true,
      cell: ({ price }) => (price?.output === undefined ? '–' : usd(price.output)),
    },
    { name: t('Window'), width: '5rem', right: true, cell: ({ context }) => short(context) },
    { name: t('Longest answer'), width: '6rem', right: true, cell: ({ maxOutput }) => short(maxOutput) },
    {
      name: t('Says'),
      width: '6rem',
      cell: ({ source }) =>
        source === 'operator' ? t('operator') : source === 'sluice.yaml' ? source : t('catalogue'),
    },
    { name: t('Can'), width: 'minmax(10rem, 1fr)', cell: ({ capabilities }) => capabilities?.join(', ') ?? '–' },
  ];
  return (
    <>
      <PageHead
        title={t('Models')}
        lead={t(
          'What callers can name. Prices and abilities come from the catalogue, unless sluice.yaml or an operator says otherwise.',
        )}
      />
      <Input
        className="mb-3 max-w-sm"
        type="search"
        placeholder={t('Search models…')}
        aria-label={t('Search models…')}
        value={q}
        onChange={({ target }) =>
          void navigate({ to: '/admin/models', search: target.value ? { q: target.value } : {}, replace: true })
        }
      />
      {models.isPending && <Loading />}
      {models.error && <Failed error={models.error} retry={() => void models.refetch()} />}
      {models.data &&
        (rows.length === 0 ? (
          <Empty icon={Boxes} title={t('No model fits these words.')} />
        ) : (
          <Table
            label={t('Models')}
            columns={columns}
            rows={rows}
            keyOf={({ id }) => id}
            minWidth="58rem"
            onOpen={me?.operator ? (model: Model) => setEditing(model) : undefined}
          />
        ))}
      {editing && <ModelDialog model={editing} onClose={() => setEditing(undefined)} />}
    </>
  );
}
