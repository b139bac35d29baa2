import { useQuery } from '@tanstack/react-query';
import { Mail, UserPlus, Users } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { may, queryClient, useMe } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { useCopy } from '../../ui/copy.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input, Select } from '../../ui/field.tsx';
import { ago } from '../../ui/format.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Empty, ErrorLine, Failed, Loading } from '../../ui/states.tsx';
import { sayError } from '../../ui/toast.tsx';
import { useSubmit } from '../auth/use-submit.ts';

interface Person {
  id: string;
  name: string;
  email: string;
  operator: boolean;
  status: 'active' | 'suspended';
  memberships: { organisationId: string; role: string; status: 'active' | 'suspended' }[];
}
interface Invitation {
  id: string;
  email: string;
  role: string;
  expiresAt: string;
  acceptedAt: string | null;
  revokedAt: string | null;
}
interface Role {
  id: string;
  name: string;
}

const rolesQuery = {
  queryKey: ['roles'],
  queryFn: async () => (await api.get<{ data: Role[] }>('/api/v1/roles')).data,
};

/** Members of the organisation, and those who are invited. */
export default function PeoplePage() {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const people = useQuery({
    queryKey: ['users'],
    queryFn: async () => (await api.get<{ data: Person[] }>('/api/v1/users')).data,
  });
  const invitations = useQuery({
    queryKey: ['invitations'],
    queryFn: async () => (await api.get<{ data: Invitation[] }>('/api/v1/invitations')).data,
  });
  const { data: roles = [] } = useQuery(rolesQuery);
  const [inviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<Person>();
  const writes = may(me, 'members:write');
  const change = (person: Person, part: { role?: string; status?: string }) =>
    void api
      .patch(`/api/v1/users/${person.id}`, part)
      .then(() => queryClient.invalidateQueries({ queryKey: ['users'] }))
      .catch((error) => sayError(t('The member could not be changed'), error));
  if (people.isPending) return <Loading />;
  if (people.error) return <Failed error={people.error} retry={() => void people.refetch()} />;
  const open = (invitations.data ?? []).filter(
    ({ acceptedAt, revokedAt, expiresAt }) => !acceptedAt && !revokedAt && Date.parse(expiresAt) > Date.now(),
  );
  return (
    <>
      <PageHead title={t('People')} lead={t('Who belongs to your organisation, and what they may do.')}>
        {writes && (
          <Button look="primary" onClick={() => setInviting(true)}>
            <UserPlus className="size-4" /> {t('Invite')}
          </Button>
        )}
      </PageHead>
      {people.data.length === 0 && <Empty icon={Users} title={t('Nobody yet')} />}
      <ul className="divide-y divide-line rounded-card border border-line bg-raised">
        {people.data.map((person) => {
          const membership =
            person.memberships.find(({ organisationId }) => organisationId === me?.organisationId) ??
            person.memberships[0];
          const suspended = membership?.status === 'suspended' || person.status === 'suspended';
          return (
            <li key={person.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 text-sm">
              <span className="min-w-48 flex-1">
                <span className="block font-medium">
                  {person.name}{' '}
                  {person.operator && (
                    <span className="ml-1 rounded-full bg-wash px-2 py-0.5 text-xs text-accent">{t('operator')}</span>
                  )}
                  {suspended && (
                    <span className="ml-1 rounded-full bg-warn-wash px-2 py-0.5 text-xs text-warn">
                      {t('suspended')}
                    </span>
                  )}
                </span>
                <span className="text-xs text-quiet">{person.email}</span>
              </span>
              {writes && membership ? (
                <>
                  <Select
                    aria-label={t('Role of {{name}}', { name: person.name })}
                    className="!h-8 !w-32"
                    value={membership.role}
                    disabled={person.id === me?.userId}
                    onChange={({ target }) => change(person, { role: target.value })}
                  >
                    {[...new Set([membership.role, ...roles.map(({ name }) => name)])].map((role) => (
                      <option key={role}>{role}</option>
                    ))}
                  </Select>
                  <Button
                    size="small"
                    disabled={person.id === me?.userId}
                    onClick={() => change(person, { status: suspended ? 'active' : 'suspended' })}
                  >
                    {suspended ? t('Let in again') : t('Suspend')}
                  </Button>
                  <Button
                    size="small"
                    look="danger"
                    disabled={person.id === me?.userId}
                    onClick={() => setRemoving(person)}
                  >
                    {t('Remove')}
                  </Button>
                </>
              ) : (
                <span className="text-quiet">{membership?.role}</span>
              )}
            </li>
          );
        })}
      </ul>
      {open.length > 0 && (
        <>
          <h2 className="mt-8 mb-2 font-semibold">{t('Invited')}</h2>
          <ul className="divide-y divide-line rounded-card border border-line bg-raised text-sm">
            {open.map(({ id, email, role, expiresAt }) => (
              <li key={id} className="flex items-center gap-3 px-4 py-2.5">
                <Mail className="size-4 text-quiet" />
                <span className="min-w-0 flex-1 truncate">{email}</span>
                <span className="text-xs text-quiet">
                  {role} · {t('ends {{time}}', { time: ago(expiresAt, i18n.language) })}
                </span>
                {writes && (
                  <Button
                    size="small"
                    look="danger"
                    onClick={() => void api.delete(`/api/v1/invitations/${id}`).then(() => invitations.refetch())}
                  >
                    {t('Withdraw')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {inviting && <Invite roles={roles} onClose={() => setInviting(false)} />}
      {removing && (
        <Confirm
          open
          onOpenChange={() => setRemoving(undefined)}
          title={t('Remove {{name}}?', { name: removing.name })}
          description={t('Their keys here end at once. Their account stays.')}
          action={t('Remove')}
          onConfirm={async () => {
            await api.delete(`/api/v1/users/${removing.id}`);
            await queryClient.invalidateQueries({ queryKey: ['users'] });
          }}
        />
      )}
    </>
  );
}

function Invite({ roles, onClose }: { roles: Role[]; onClose(): void }) {
  const { t } = useTranslation();
  const [link, setLink] = useState<string>();
  const [copied, copy] = useCopy();
  const form = useSubmit(async ({ email, role }) => {
    const { token } = await api.post<{ token: string }>('/api/v1/invitations', { email, role });
    setLink(`${location.origin}/invitation?token=${encodeURIComponent(token)}`);
    await queryClient.invalidateQueries({ queryKey: ['invitations'] });
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('Invite')}
      description={link ? t('Send them this link. It is shown this once, and works once.') : undefined}
    >
      {link ? (
        <div className="flex gap-2 pb-2">
          <Input readOnly value={link} aria-label={t('Link')} onFocus={(event) => event.target.select()} />
          <Button look="primary" onClick={() => copy(link)}>
            {copied ? t('Copied') : t('Copy')}
          </Button>
        </div>
      ) : (
        <form onSubmit={form.onSubmit} className="flex flex-col gap-4 pb-2">
          <Field label={t('Email')}>{(id) => <Input id={id} name="email" type="email" required />}</Field>
          <Field label={t('Role')}>
            {(id) => (
              <Select id={id} name="role" defaultValue="member">
                {[...new Set(['member', ...roles.map(({ name }) => name)])].map((role) => (
                  <option key={role}>{role}</option>
                ))}
              </Select>
            )}
          </Field>
          <ErrorLine error={form.error} />
          <Button type="submit" look="primary" disabled={form.busy} className="self-end">
            {t('Make a link')}
          </Button>
        </form>
      )}
    </Dialog>
  );
}
