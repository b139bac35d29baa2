import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { queryClient, sessionQuery, setupQuery } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { ErrorLine, Failed, Loading } from '../../ui/states.tsx';
import { AuthPage } from './auth-page.tsx';
import { useSubmit } from './use-submit.ts';

function PersonFields({ email }: { email?: string }) {
  const { t } = useTranslation();
  return (
    <>
      <Field label={t('Name')}>
        {(id) => <Input id={id} name="name" required maxLength={100} autoComplete="name" />}
      </Field>
      <Field label={t('Email')}>
        {(id) => (
          <Input
            id={id}
            name="email"
            type="email"
            required
            defaultValue={email}
            readOnly={email !== undefined}
            autoComplete="email"
          />
        )}
      </Field>
      <Field label={t('Password')} hint={t('At least 10 characters.')}>
        {(id) => (
          <Input
            id={id}
            name="password"
            type="password"
            required
            minLength={10}
            maxLength={128}
            autoComplete="new-password"
          />
        )}
      </Field>
    </>
  );
}

/** The first person: who reads the server's console has the token. */
export function SetupPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { token } = useSearch({ strict: false }) as { token?: string };
  const form = useSubmit(async (fields) => {
    const { email, password } = fields;
    await api.post('/api/v1/setup', fields);
    await api.post('/api/auth/sign-in/email', { email, password });
    queryClient.clear();
    queryClient.setQueryData(setupQuery.queryKey, (before) => ({ issuers: [], ...before, open: false }));
    await navigate({ to: '/' });
  });
  return (
    <AuthPage
      title={t('Welcome to Sluice')}
      lead={t('Make the first account. It owns this server: it adds people, keys and providers.')}
    >
      <form onSubmit={form.onSubmit} className="flex flex-col gap-4">
        <Field label={t('Setup token')} hint={t('It stands on the console of the server.')}>
          {(id) => <Input id={id} name="token" required defaultValue={token} autoComplete="off" spellCheck={false} />}
        </Field>
        <PersonFields />
        <ErrorLine error={form.error} />
        <Button type="submit" look="primary" disabled={form.busy}>
          {t('Make the account')}
        </Button>
      </form>
    </AuthPage>
  );
}

/** What a link to an invitation leads to: a new account, or another organisation for the one that is logged in. */
export function InvitationPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { token = '' } = useSearch({ strict: false }) as { token?: string };
  const { data: session } = useQuery(sessionQuery);
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () =>
      api.post<{ email?: string; organisation?: string; organisationName?: string }>('/api/auth/invitation', { token }),
    retry: false,
  });
  const enter = async () => {
    queryClient.clear();
    await navigate({ to: '/' });
  };
  const form = useSubmit(async ({ name, email, password }) => {
    await api.post('/api/auth/sign-up/email', { name, email, password, invitation: token });
    const now = await queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 });
    if (!now) await api.post('/api/auth/sign-in/email', { email, password });
    await enter();
  });
  const accept = useSubmit(async () => {
    await api.post('/api/auth/accept-invitation', { token });
    await enter();
  });
  if (invitation.isPending) return <Loading />;
  if (invitation.error) return <Failed error={invitation.error} />;
  const { email, organisation, organisationName } = invitation.data;
  return (
    <AuthPage
      title={t('You are invited')}
      lead={t('Join {{name}} on Sluice.', { name: organisationName ?? organisation ?? '' })}
    >
      {session ? (
        <form onSubmit={accept.onSubmit} className="flex flex-col gap-4">
          <ErrorLine error={accept.error} />
          <Button type="submit" look="primary" disabled={accept.busy}>
            {t('Join as {{name}}', { name: session.user.name })}
          </Button>
        </form>
      ) : (
        <form onSubmit={form.onSubmit} className="flex flex-col gap-4">
          <PersonFields email={email} />
          <ErrorLine error={form.error} />
          <Button type="submit" look="primary" disabled={form.busy}>
            {t('Join')}
          </Button>
          <Link
            to="/sign-in"
            search={{ to: `/invitation?token=${token}` }}
            className="text-center text-sm text-quiet underline underline-offset-4"
          >
            {t('I have an account already')}
          </Link>
        </form>
      )}
    </AuthPage>
  );
}

export function ResetPasswordPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { token } = useSearch({ strict: false }) as { token?: string };
  const [asked, setAsked] = useState(false);
  const ask = useSubmit(async ({ email }) => {
    await api.post('/api/auth/request-password-reset', { email });
    setAsked(true);
  });
  const choose = useSubmit(async ({ password }) => {
    await api.post('/api/auth/reset-password', { token, newPassword: password });
    await navigate({ to: '/sign-in' });
  });
  if (token)
    return (
      <AuthPage title={t('Choose a new password')} lead={t('Every other session of yours ends.')}>
        <form onSubmit={choose.onSubmit} className="flex flex-col gap-4">
          <Field label={t('New password')} hint={t('At least 10 characters.')}>
            {(id) => (
              <Input
                id={id}
                name="password"
                type="password"
                required
                minLength={10}
                maxLength={128}
                autoComplete="new-password"
              />
            )}
          </Field>
          <ErrorLine error={choose.error} />
          <Button type="submit" look="primary" disabled={choose.busy}>
            {t('Save')}
          </Button>
        </form>
      </AuthPage>
    );
  return (
    <AuthPage
      title={t('Reset your password')}
      lead={
        asked
          ? t('If there is an account with this address, a mail with a link is on its way.')
          : t('We send a link to your address. Where this server sends no mail, ask an administrator for one.')
      }
    >
      {!asked && (
        <form onSubmit={ask.onSubmit} className="flex flex-col gap-4">
          <Field label={t('Email')}>
            {(id) => <Input id={id} name="email" type="email" required autoComplete="email" />}
          </Field>
          <ErrorLine error={ask.error} />
          <Button type="submit" look="primary" disabled={ask.busy}>
            {t('Send the link')}
          </Button>
        </form>
      )}
      <Link to="/sign-in" className="mt-4 block text-center text-sm text-quiet underline underline-offset-4">
        {t('Back to signing in')}
      </Link>
    </AuthPage>
  );
}
