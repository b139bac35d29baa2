import { useQuery } from '@tanstack/react-query';
import { ImagePlus, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Branding, brandingQuery } from '../../api/branding.ts';
import { api } from '../../api/client.ts';
import { queryClient } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Field, Input, SwitchRow } from '../../ui/field.tsx';
import { ErrorLine, Loading } from '../../ui/states.tsx';
import { say } from '../../ui/toast.tsx';

const usualHue = 215;
const mostLogoBytes = 150_000;

/** Name, accent, logo and welcome of the app. What is chosen is shown at once, and kept when it is saved. */
export function BrandingForm() {
  const { data, isPlaceholderData } = useQuery(brandingQuery);
  return data && !isPlaceholderData ? <Form key={JSON.stringify(data)} branding={data} /> : <Loading />;
}

function Form({ branding }: { branding: Branding }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(branding);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const change = (part: Partial<Branding>) => setDraft((before) => ({ ...before, ...part }));

  async function take(file: File | undefined): Promise<void> {
    setError(undefined);
    if (!file) return;
    if (!/^image\/(svg\+xml|png|webp)$/.test(file.type) || file.size > mostLogoBytes)
      return setError(new Error(t('Choose an SVG, PNG or WebP picture of at most 150 kB.')));
    change({ logo: await dataAddress(file) });
  }

  async function save(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      queryClient.setQueryData(brandingQuery.queryKey, await api.put<Branding>('/api/v1/branding', draft));
      say(t('Saved'));
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      className="grid gap-4 sm:grid-cols-2"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Field label={t('Name')} hint={t('Left empty: Sluice.')}>
        {(id) => (
          <Input
            id={id}
            maxLength={40}
            value={draft.name ?? ''}
            onChange={({ target }) => change({ name: target.value || null })}
          />
        )}
      </Field>
      <Field label={t('Welcome')} hint={t('A line on the page where people sign in.')}>
        {(id) => (
          <Input
            id={id}
            maxLength={200}
            value={draft.welcome ?? ''}
            onChange={({ target }) => change({ welcome: target.value || null })}
          />
        )}
      </Field>
      <div>
        <SwitchRow
          label={t('An accent of our own')}
          checked={draft.hue !== null}
          onChange={(own) => change({ hue: own ? usualHue : null })}
        />
        {draft.hue !== null && (
          <div className="flex items-center gap-3">
            <input
              type="range"
              min={0}
              max={359}
              value={draft.hue}
              aria-label={t('Hue')}
              className="hue-range h-3 flex-1 rounded-full"
              onChange={({ target }) => change({ hue: Number(target.value) })}
            />
            <span
              aria-hidden="true"
              className="size-8 shrink-0 rounded-control"
              style={{ background: `oklch(0.5 0.095 ${draft.hue})` }}
            />
          </div>
        )}
      </div>
      <div className="flex flex-col gap-1.5">
        <span className="text-sm font-medium">{t('Logo')}</span>
        <div className="flex items-center gap-3">
          {draft.logo && <img src={draft.logo} alt={t('Logo')} className="h-9 max-w-32 object-contain" />}
          <label className="inline-flex h-9 cursor-pointer items-center gap-2 rounded-control border border-line bg-raised px-3 text-sm hover:bg-sunken has-focus-visible:outline-2 has-focus-visible:outline-accent">
            <ImagePlus className="size-4" /> {t('Choose a picture')}
            <input
              type="file"
              accept="image/svg+xml,image/png,image/webp"
              className="sr-only"
              onChange={({ target }) => void take(target.files?.[0])}
            />
          </label>
          {draft.logo && (
            <Button
              look="quiet"
              size="icon-small"
              aria-label={t('Remove the logo')}
              onClick={() => change({ logo: null })}
            >
              <X className="size-4" />
            </Button>
          )}
        </div>
        <p className="text-xs text-quiet">{t('SVG, PNG or WebP, 150 kB at most.')}</p>
      </div>
      <div className="sm:col-span-2">
        <ErrorLine error={error} />
        <Button type="submit" look="primary" disabled={busy}>
          {t('Save')}
        </Button>
      </div>
    </form>
  );
}

const dataAddress = (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error('The file could not be read.'));
    reader.readAsDataURL(file);
  });
