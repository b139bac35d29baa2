import { useQuery } from '@tanstack/react-query';
import { KeyRound, Monitor, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { queryClient, sessionQuery } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { useCopy } from '../../ui/copy.ts';
import { Field, Input } from '../../ui/field.tsx';
import { ago } from '../../ui/format.ts';
import { ErrorLine } from '../../ui/states.tsx';
import { say, sayError } from '../../ui/toast.tsx';
import { addPasskey, passkeysAreKnown } from '../auth/passkeys.ts';
import { useSubmit } from '../auth/use-submit.ts';

export default function SecurityPage() {
  const { t } = useTranslation();
  return (
    <>
      <h1 className="mb-4 text-xl font-semibold tracking-tight">{t('Sign-in and security')}</h1>
      <Password />
      <TwoFactor />
      {passkeysAreKnown() && <Passkeys />}
      <Sessions />
    </>
  );
}

function Password() {
  const { t } = useTranslation();
  const form = useSubmit(async ({ currentPassword, newPassword }) => {
    await api.post('/api/auth/change-password', { currentPassword, newPassword });
    say(t('The password is changed'), t('Your other sessions have ended.'));
  });
  return (
    <Card title={t('Password')} hint={t('A new password ends your other sessions.')}>
      <form onSubmit={form.onSubmit} className="grid gap-4 sm:grid-cols-2">
        <Field label={t('Password now')}>
          {(id) => <Input id={id} name="currentPassword" type="password" required autoComplete="current-password" />}
        </Field>
        <Field label={t('New password')}>
          {(id) => (
            <Input
              id={id}
              name="newPassword"
              type="password"
              required
              minLength={10}
              maxLength={128}
              autoComplete="new-password"
            />
          )}
        </Field>
        <div className="flex flex-col gap-3 sm:col-span-2">
          <ErrorLine error={form.error} />
          <Button type="submit" disabled={form.busy} className="self-end">
            {t('Change the password')}
          </Button>
        </div>
      </form>
    </Card>
  );
}

function TwoFactor() {
  const { t } = useTranslation();
  const { data: session } = useQuery(sessionQuery);
  const [begun, setBegun] = useState<{ totpURI: string; backupCodes: string[] }>();
  const [copied, copy] = useCopy();
  const on = session?.user.twoFactorEnabled === true;
  const begin = useSubmit(async ({ password }) =>
    setBegun(await api.post('/api/auth/two-factor/enable', { password })),
  );
  const prove = useSubmit(async ({ code }) => {
    await api.post('/api/auth/two-factor/verify-totp', { code: code!.replace(/\s/g, '') });
    setBegun(undefined);
    await queryClient.invalidateQueries(sessionQuery);
    say(t('The second factor is on'));
  });
  const end = useSubmit(async ({ password }) => {
    await api.post('/api/auth/two-factor/disable', { password });
    await queryClient.invalidateQueries(sessionQuery);
    say(t('The second factor is off'));
  });
  const secret = begun && new URL(begun.totpURI).searchParams.get('secret');
  return (
    <Card
      title={t('Second factor')}
      hint={
        on
          ? t('On: signing in by password asks for a code of your app.')
          : t('A code of an authenticator app beside the password.')
      }
    >
      {begun ? (
        <div className="flex flex-col gap-4 text-sm">
          <QrCode text={begun.totpURI} />
          <p>
            {t('Scan this with your authenticator app, or add the key to it:')}{' '}
            <code className="rounded bg-sunken px-1.5 py-0.5 font-mono break-all">{secret}</code>{' '}
            <a className="text-accent underline underline-offset-4" href={begun.totpURI}>
              {t('Open in an app on this device')}
            </a>
          </p>
          <div>
            <p className="mb-1">{t('Keep these backup codes. Each works once, and they are shown only now.')}</p>
            <pre className="rounded-control bg-sunken p-3 font-mono text-xs">{begun.backupCodes.join('\n')}</pre>
            <Button size="small" className="mt-2" onClick={() => copy(begun.backupCodes.join('\n'))}>
              {copied ? t('Copied') : t('Copy')}
            </Button>
          </div>
          <form onSubmit={prove.onSubmit} className="flex items-end gap-3">
            <Field label={t('Code of the app')}>
              {(id) => <Input id={id} name="code" required inputMode="numeric" autoComplete="one-time-code" />}
            </Field>
            <Button type="submit" look="primary" disabled={prove.busy}>
              {t('Turn on')}
            </Button>
          </form>
          <ErrorLine error={prove.error} />
        </div>
      ) : (
        <form onSubmit={on ? end.onSubmit : begin.onSubmit} className="flex flex-wrap items-end gap-3">
          <Field label={t('Password')}>
            {(id) => <Input id={id} name="password" type="password" required autoComplete="current-password" />}
          </Field>
          <Button type="submit" look={on ? 'danger' : 'plain'} disabled={begin.busy || end.busy}>
            {on ? t('Turn off') : t('Set up')}
          </Button>
          <div className="w-full">
            <ErrorLine error={on ? end.error : begin.error} />
          </div>
        </form>
      )}
    </Card>
  );
}

/** A text as a picture for a camera, drawn here: what it holds goes nowhere. */
function QrCode({ text }: { text: string }) {
  const { t } = useTranslation();
  const picture = useQuery({
    queryKey: ['qr', text],
    queryFn: async () => {
      const { renderSVG } = await import('uqr');
      return `data:image/svg+xml;utf8,${encodeURIComponent(renderSVG(text))}`;
    },
    gcTime: 0,
  });
  if (!picture.data) return <div className="size-44" />;
  return (
    <img src={picture.data} alt={t('QR code')} className="size-44 rounded-control border border-line bg-white p-1" />
  );
}

interface Passkey {
  id: string;
  name?: string;
  createdAt: string;
}

function Passkeys() {
  const { t, i18n } = useTranslation();
  const queryKey = ['passkeys'];
  const passkeys = useQuery({ queryKey, queryFn: () => api.get<Passkey[]>('/api/auth/passkey/list-user-passkeys') });
  const form = useSubmit(async ({ name }) => {
    await addPasskey(name!);
    await queryClient.invalidateQueries({ queryKey });
  });
  const remove = async (id: string) => {
    await api
      .post('/api/auth/passkey/delete-passkey', { id })
      .catch((error) => sayError(t('It could not be removed'), error));
    await queryClient.invalidateQueries({ queryKey });
  };
  return (
    <Card title={t('Passkeys')} hint={t('Sign in with your fingerprint, your face or a security key.')}>
      <ul className="mb-3 divide-y divide-line text-sm">
        {passkeys.data?.map(({ id, name, createdAt }) => (
          <li key={id} className="flex items-center gap-3 py-2">
            <KeyRound className="size-4 text-quiet" />
            <span className="flex-1">{name ?? t('Passkey')}</span>
            <span className="text-xs text-faint">{ago(createdAt, i18n.language)}</span>
            <Button
              look="quiet"
              size="icon-small"
              aria-label={t('Delete {{name}}', { name: name ?? t('Passkey') })}
              onClick={() => void remove(id)}
            >
              <Trash2 className="size-4" />
            </Button>
          </li>
        ))}
      </ul>
      <form onSubmit={form.onSubmit} className="flex items-end gap-3">
        <Field label={t('Name')}>
          {(id) => <Input id={id} name="name" required maxLength={60} placeholder={t('My laptop')} />}
        </Field>
        <Button type="submit" disabled={form.busy}>
          {t('Add a passkey')}
        </Button>
      </form>
      <div className="mt-3">
        <ErrorLine error={form.error} />
      </div>
    </Card>
  );
}

interface OpenSession {
  id: string;
  current?: boolean;
  userAgent?: string | null;
  ipAddress: string | null;
  createdAt: string;
}

function Sessions() {
  const { t, i18n } = useTranslation();
  const queryKey = ['sessions'];
  const sessions = useQuery({
    queryKey,
    queryFn: async () => (await api.get<{ data: OpenSession[] }>('/api/v1/sessions')).data,
  });
  const end = async (id: string) => {
    await api.delete(`/api/v1/sessions/${id}`).catch((error) => sayError(t('The session could not be ended'), error));
    await queryClient.invalidateQueries({ queryKey });
  };
  return (
    <Card title={t('Where you are signed in')}>
      <ErrorLine error={sessions.error} />
      <ul className="divide-y divide-line text-sm">
        {sessions.data?.map(({ id, current, userAgent, ipAddress, createdAt }) => (
          <li key={id} className="flex items-center gap-3 py-2">
            <Monitor className="size-4 shrink-0 text-quiet" />
            <span className="min-w-0 flex-1">
              <span className="block truncate">{userAgent ?? t('A program')}</span>
              <span className="text-xs text-quiet">
                {ipAddress} · {ago(createdAt, i18n.language)}
              </span>
            </span>
            {current ? (
              <span className="text-xs text-good">{t('This one')}</span>
            ) : (
              <Button size="small" look="danger" onClick={() => void end(id)}>
                {t('End')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
