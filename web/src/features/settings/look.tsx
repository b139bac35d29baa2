import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { changePreferences, preferencesQuery, sessionQuery } from '../../api/queries.ts';
import type { Preferences } from '../../api/types.ts';
import { languages } from '../../i18n/index.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Field, Select, SwitchRow, Textarea } from '../../ui/field.tsx';
import { ErrorLine, Failed, Loading } from '../../ui/states.tsx';
import { say, sayError } from '../../ui/toast.tsx';
import { useSubmit } from '../auth/use-submit.ts';

export default function LookPage() {
  const { t } = useTranslation();
  const preferences = useQuery(preferencesQuery);
  const { data: session } = useQuery(sessionQuery);
  const change = (part: Preferences) =>
    void changePreferences(part).catch((error) => sayError(t('It could not be saved'), error));
  const form = useSubmit(async ({ instructions }) => {
    await changePreferences({ instructions });
    say(t('Saved'));
  });
  if (preferences.isPending) return <Loading />;
  if (preferences.error) return <Failed error={preferences.error} retry={() => void preferences.refetch()} />;
  const { theme = 'system', language = '', fontSize = 'normal', instructions = '' } = preferences.data;
  const {
    reduceMotion = false,
    highContrast = false,
    remoteImages = false,
    sendOnEnter = true,
    showCosts = true,
  } = preferences.data;
  return (
    <>
      <h1 className="mb-4 text-xl font-semibold tracking-tight">{t('Look and language')}</h1>
      {session && (
        <p className="mb-4 text-sm text-quiet">
          {session.user.name} · {session.user.email}
        </p>
      )}
      <Card title={t('Appearance')}>
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label={t('Theme')}>
            {(id) => (
              <Select
                id={id}
                value={theme}
                onChange={({ target }) => change({ theme: target.value as Preferences['theme'] })}
              >
                <option value="system">{t('As the system')}</option>
                <option value="light">{t('Light')}</option>
                <option value="dark">{t('Dark')}</option>
              </Select>
            )}
          </Field>
          <Field label={t('Language')}>
            {(id) => (
              <Select id={id} value={language} onChange={({ target }) => change({ language: target.value })}>
                <option value="">{t('As the browser')}</option>
                {Object.entries(languages).map(([code, name]) => (
                  <option key={code} value={code} lang={code}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label={t('Text size')}>
            {(id) => (
              <Select
                id={id}
                value={fontSize}
                onChange={({ target }) => change({ fontSize: target.value as Preferences['fontSize'] })}
              >
                <option value="small">{t('Small')}</option>
                <option value="normal">{t('Normal')}</option>
                <option value="large">{t('Large')}</option>
              </Select>
            )}
          </Field>
        </div>
        <div className="mt-3 divide-y divide-line">
          <SwitchRow label={t('Less motion')} checked={reduceMotion} onChange={(on) => change({ reduceMotion: on })} />
          <SwitchRow
            label={t('More contrast')}
            checked={highContrast}
            onChange={(on) => change({ highContrast: on })}
          />
        </div>
      </Card>
      <Card title={t('Chat')}>
        <div className="divide-y divide-line">
          <SwitchRow
            label={t('Enter sends')}
            hint={t('Otherwise Ctrl Enter does, and Enter begins a new line.')}
            checked={sendOnEnter}
            onChange={(on) => change({ sendOnEnter: on })}
          />
          <SwitchRow
            label={t('Show costs under answers')}
            checked={showCosts}
            onChange={(on) => change({ showCosts: on })}
          />
          <SwitchRow
            label={t('Load images from other sites')}
            hint={t('An image that a model names can tell another site what you talk about.')}
            checked={remoteImages}
            onChange={(on) => change({ remoteImages: on })}
          />
        </div>
      </Card>
      <Card title={t('About you')} hint={t('Every model is told this before your messages.')}>
        <form onSubmit={form.onSubmit} className="flex flex-col gap-3">
          <Textarea
            name="instructions"
            rows={5}
            maxLength={20_000}
            defaultValue={instructions}
            aria-label={t('About you')}
            placeholder={t('I write code in TypeScript. Answer briefly.')}
          />
          <ErrorLine error={form.error} />
          <Button type="submit" disabled={form.busy} className="self-end">
            {t('Save')}
          </Button>
        </form>
      </Card>
    </>
  );
}
