import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { modelsQuery, queryClient } from '../../api/queries.ts';
import type { Model } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { ErrorLine } from '../../ui/states.tsx';
import { useSubmit } from '../auth/use-submit.ts';
import { modelToSave } from './model-to-save.ts';

/** What a model costs and holds, as an operator says. */
export function ModelDialog({ model, onClose }: { model: Model; onClose(): void }) {
  const { t } = useTranslation();
  const { id, price = {}, context, maxOutput, source } = model;
  const address = `/api/v1/models/${encodeURIComponent(id)}`;
  async function done(): Promise<void> {
    await queryClient.invalidateQueries(modelsQuery);
    onClose();
  }
  const form = useSubmit(async (fields) => {
    const facts = modelToSave(model, fields);
    if (facts) await api.put(address, facts);
    await done();
  });
  const forget = useSubmit(async () => {
    await api.delete(address);
    await done();
  });
  const amounts: [name: string, label: string, value: number | undefined][] = [
    ['input', t('Input, $ a million'), price.input],
    ['output', t('Output, $ a million'), price.output],
    ['cacheRead', t('Cached input, $ a million'), price.cacheRead],
    ['cacheWrite', t('Written to the cache, $ a million'), price.cacheWrite],
  ];
  const sizes: [name: string, label: string, value: number | undefined][] = [
    ['context', t('Window in tokens'), context],
    ['maxOutput', t('Longest answer in tokens'), maxOutput],
  ];
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={id}
      description={t('What is said here holds from the next call on. What is left empty comes from the catalogue.')}
    >
      <form onSubmit={form.onSubmit} className="flex flex-col gap-4 pb-2">
        <div className="grid grid-cols-2 gap-3">
          {amounts.map(([name, label, value]) => (
            <Field key={name} label={label}>
              {(field) => <Input id={field} name={name} type="number" min={0} step="any" defaultValue={value} />}
            </Field>
          ))}
          {sizes.map(([name, label, value]) => (
            <Field key={name} label={label}>
              {(field) => <Input id={field} name={name} type="number" min={1} step={1} defaultValue={value} />}
            </Field>
          ))}
        </div>
        <ErrorLine error={form.error ?? forget.error} />
        <Button type="submit" look="primary" disabled={form.busy} className="self-end">
          {t('Save')}
        </Button>
      </form>
      {source === 'operator' && (
        <form onSubmit={forget.onSubmit} className="border-t border-line py-3">
          <Button type="submit" disabled={forget.busy}>
            {t('Back to what the catalogue says')}
          </Button>
        </form>
      )}
    </Dialog>
  );
}
