import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { KeyRound, LogIn } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { queryClient, setupQuery } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { ErrorLine } from '../../ui/states.tsx';
import { AuthPage } from './auth-page.tsx';
import { passkeysAreKnown, signInWithPasskey } from './passkeys.ts';
import { useSubmit } from './use-submit.ts';

export function SignInPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { to = '/', error: refusal } = useSearch({ strict: false }) as { to?: string; error?: string };
  const { data: setup } = useQuery(setupQuery);
  const [second, setSecond] = useState<'code' | 'backup'>();

  // Only a path of this app: an address of elsewhere could be in the link that somebody was sent.
  const safe = /^\/[^/\\]/.test(to) ? to : '/';

  async function enter(): Promise<void> {
    queryClient.clear();
    await navigate({ to: safe });
  }
  const password = useSubmit(async ({ email, password }) => {
    const answer = await api.post<{ twoFactorRedirect?: boolean }>('/api/auth/sign-in/email', { email, password });
    if (answer.twoFactorRedirect) setSecond('code');
    else await enter();
  });
  /** Goes to an issuer, which sends the person back here. */
  async function enterBy(provider: string): Promise<void> {
    try {
      const { url } = await api.post<{ url: string }>('/api/auth/sign-in/social', {
        provider,
        callbackURL: safe,
        errorCallbackURL: '/sign-in',
      });
      location.assign(url);
    } catch (thrown) {
      password.setError(thrown);
    }
  }
  const code = useSubmit(async ({ code }) => {
    const path = second === 'backup' ? 'verify-backup-code' : 'verify-totp';
    await api.post(`/api/auth/two-factor/${path}`, { code: code!.replace(/\s/g, '') });
    await enter();
  });

  if (second)
    return (
      <AuthPage
        title={t('One more step')}
        lead={
          second === 'code'
            ? t('Enter the code that your authenticator app shows.')
            : t('Enter one of your backup codes.')
        }
      >
        <form onSubmit={code.onSubmit} className="flex flex-col gap-4" key={second}>
          <Field label={second === 'code' ? t('Code') : t('Backup code')}>
            {(id) => (
              <Input
                id={id}
                name="code"
                required
                autoFocus
                autoComplete="one-time-code"
                inputMode={second === 'code' ? 'numeric' : 'text'}
              />
            )}
          </Field>
          <ErrorLine error={code.error} />
          <Button type="submit" look="primary" disabled={code.busy}>
            {t('Sign in')}
          </Button>
          <Button look="quiet" onClick={() => setSecond(second === 'code' ? 'backup' : 'code')}>
            {second === 'code' ? t('Use a backup code') : t('Use the app instead')}
          </Button>
        </form>
      </AuthPage>
    );
  return (
    <AuthPage title={t('Sign in')} lead={t('One place to ask every model your team may use.')}>
      <form onSubmit={password.onSubmit} className="flex flex-col gap-4">
        <Field label={t('Email')}>
          {(id) => <Input id={id} name="email" type="email" required autoComplete="username webauthn" />}
        </Field>
        <Field label={t('Password')}>
          {(id) => <Input id={id} name="password" type="password" required autoComplete="current-password" />}
        </Field>
        <ErrorLine
          error={
            password.error ?? (refusal && new Error(t('The issuer did not let you in ({{code}}).', { code: refusal })))
          }
        />
        <Button type="submit" look="primary" disabled={password.busy}>
          {t('Sign in')}
        </Button>
        {passkeysAreKnown() && (
          <Button onClick={() => void signInWithPasskey().then(enter).catch(password.setError)}>
            <KeyRound className="size-4" /> {t('Use a passkey')}
          </Button>
        )}
        {setup?.issuers.map(({ id, name }) => (
          <Button key={id} onClick={() => void enterBy(id)}>
            <LogIn className="size-4" /> {t('Go on with {{name}}', { name })}
          </Button>
        ))}
        <Link
          to="/reset-password"
          className="text-center text-sm text-quiet underline underline-offset-4 hover:text-ink"
        >
          {t('Forgot your password?')}
        </Link>
      </form>
    </AuthPage>
  );
}
