import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input, Select } from '../../ui/field.tsx';
import { ErrorLine, Spinner } from '../../ui/states.tsx';
import { useSubmit } from '../auth/use-submit.ts';
import { providerKinds } from './provider-kinds.ts';
import { providerToSave } from './provider-to-save.ts';
import type { Provider } from './types.ts';

export interface ProviderDialogProps {
  /** The one that is changed; undefined for a new one. */
  provider?: Provider;
  onClose(): void;
  /** Called with its name once it is in force; the dialog stays until the promise resolves. */
  onSaved(id: string): Promise<unknown>;
}

/** Adds a provider, or changes one that was added here. */
export function ProviderDialog({ provider, onClose, onSaved }: ProviderDialogProps) {
  const { t } = useTranslation();
  const [kind, setKind] = useState(provider?.kind ?? providerKinds[0]!.kind);
  const known = providerKinds.find((each) => each.kind === kind) ?? providerKinds[0]!;
  const labels: Record<string, string> = {
    region: t('Region'),
    accessKeyId: t('Access key ID'),
    secretAccessKey: t('Secret access key'),
    resource: t('Resource'),
    apiVersion: t('API version'),
    endpointId: t('Endpoint ID'),
  };
  const kept = provider?.kind === kind ? provider : undefined;
  const form = useSubmit(async ({ id = '', ...fields }) => {
    const name = provider?.id ?? id.trim();
    await api.put(`/api/v1/providers/${encodeURIComponent(name)}`, providerToSave(provider, kind, fields));
    await onSaved(name);
    onClose();
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={provider ? t('Change {{name}}', { name: provider.id }) : t('Add a provider')}
      description={t('It takes calls from the next one on. Its key is sealed, and nobody is shown it again.')}
    >
      <form key={kind} onSubmit={form.onSubmit} className="flex flex-col gap-4 pb-2" autoComplete="off">
        <div className="grid grid-cols-2 gap-3">
          <Field label={t('Kind')}>
            {(id) => (
              <Select id={id} value={kind} onChange={({ target }) => setKind(target.value)}>
                {providerKinds.map((each) => (
                  <option key={each.kind} value={each.kind}>
                    {each.name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label={t('Name')} hint={t('Its models are called name/model.')}>
            {(id) => (
              <Input
                id={id}
                name="id"
                required
                disabled={provider !== undefined}
                defaultValue={provider?.id ?? kind}
                maxLength={64}
                pattern="[A-Za-z0-9][\w.:\-]*"
                title={t('Letters, digits, dots, dashes and underscores')}
              />
            )}
          </Field>
        </div>
        {known.address !== '' && (
          <Field
            label={t('Address')}
            hint={kept?.keyHint ? t('With another address the key must be given again.') : undefined}
          >
            {(id) => (
              <Input
                id={id}
                name="baseUrl"
                type="url"
                required={known.address === null}
                placeholder={known.address ?? 'http://10.0.0.5:8000/v1'}
                defaultValue={kept?.settings?.baseUrl}
              />
            )}
          </Field>
        )}
        {known.key !== 'none' && (
          <Field label={known.key === 'needed' ? t('Key') : t('Key, if it wants one')}>
            {(id) => (
              <Input
                id={id}
                name="apiKey"
                type="password"
                autoComplete="off"
                required={known.key === 'needed' && !kept?.keyHint}
                placeholder={kept?.keyHint ? t('As it is: {{hint}}', { hint: kept.keyHint }) : undefined}
              />
            )}
          </Field>
        )}
        {known.options?.map(({ name, placeholder, secret, needed }) => (
          <Field key={name} label={labels[name] ?? name}>
            {(id) => (
              <Input
                id={id}
                name={name}
                type={secret ? 'password' : 'text'}
                autoComplete="off"
                required={needed}
                placeholder={secret && kept?.keyHint ? t('As it is: {{hint}}', { hint: '…' }) : placeholder}
                defaultValue={secret ? undefined : (kept?.settings?.options?.[name] as string | undefined)}
              />
            )}
          </Field>
        ))}
        <ErrorLine error={form.error} />
        <Button type="submit" look="primary" disabled={form.busy} className="self-end">
          {form.busy && <Spinner className="size-4" />} {provider ? t('Save') : t('Add')}
        </Button>
      </form>
    </Dialog>
  );
}
