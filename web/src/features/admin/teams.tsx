import { useQuery } from '@tanstack/react-query';
import { Plus, Trash2, UserMinus, UsersRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { may, queryClient, useMe } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input, Select } from '../../ui/field.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { Empty, ErrorLine, Failed, Loading } from '../../ui/states.tsx';
import { sayError } from '../../ui/toast.tsx';
import { useSubmit } from '../auth/use-submit.ts';

interface Team {
  id: string;
  name: string;
  status: 'active' | 'suspended';
}
interface Member {
  id: string;
  name: string;
  email: string;
}

const queryKey = ['teams'];

/** Members who work together, and whose keys and budgets are theirs together. */
export default function TeamsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const teams = useQuery({ queryKey, queryFn: async () => (await api.get<{ data: Team[] }>('/api/v1/teams')).data });
  const [making, setMaking] = useState(false);
  const writes = may(me, 'members:write');
  return (
    <>
      <PageHead
        title={t('Teams')}
        lead={t('Members who work together. Budgets, limits and keys can belong to a team.')}
      >
        {writes && (
          <Button look="primary" onClick={() => setMaking(true)}>
            <Plus className="size-4" /> {t('New team')}
          </Button>
        )}
      </PageHead>
      {teams.isPending && <Loading />}
      {teams.error && <Failed error={teams.error} retry={() => void teams.refetch()} />}
      {teams.data?.length === 0 && <Empty icon={UsersRound} title={t('No teams yet')} />}
      {teams.data?.map((team) => (
        <TeamCard key={team.id} team={team} writes={writes} />
      ))}
      {making && <NewTeam onClose={() => setMaking(false)} />}
    </>
  );
}

function TeamCard({ team, writes }: { team: Team; writes: boolean }) {
  const { t } = useTranslation();
  const [removing, setRemoving] = useState(false);
  const membersKey = ['team', team.id];
  const members = useQuery({
    queryKey: membersKey,
    queryFn: async () => (await api.get<{ data: Member[] }>(`/api/v1/teams/${team.id}/members`)).data,
  });
  const people = useQuery({
    queryKey: ['users'],
    queryFn: async () => (await api.get<{ data: { id: string; name: string }[] }>('/api/v1/users')).data,
  });
  const change = (work: Promise<unknown>) =>
    void work
      .then(() => queryClient.invalidateQueries({ queryKey: membersKey }))
      .catch((error) => sayError(t('The team could not be changed'), error));
  const there = new Set(members.data?.map(({ id }) => id));
  const others = (people.data ?? []).filter(({ id }) => !there.has(id));
  return (
    <Card
      title={team.name}
      hint={<code className="text-xs">{team.id}</code>}
      action={
        writes && (
          <Button
            look="quiet"
            size="icon-small"
            aria-label={t('Delete {{name}}', { name: team.name })}
            onClick={() => setRemoving(true)}
          >
            <Trash2 className="size-4" />
          </Button>
        )
      }
    >
      <ul className="divide-y divide-line text-sm">
        {members.data?.map(({ id, name, email }) => (
          <li key={id} className="flex items-center gap-3 py-2">
            <span className="min-w-0 flex-1 truncate">
              {name} <span className="text-xs text-quiet">{email}</span>
            </span>
            {writes && (
              <Button
                look="quiet"
                size="icon-small"
                aria-label={t('Remove {{name}}', { name })}
                onClick={() => change(api.delete(`/api/v1/teams/${team.id}/members/${id}`))}
              >
                <UserMinus className="size-4" />
              </Button>
            )}
          </li>
        ))}
        {members.data?.length === 0 && <li className="py-2 text-quiet">{t('Nobody yet')}</li>}
      </ul>
      {writes && others.length > 0 && (
        <Select
          aria-label={t('Add a member')}
          className="mt-3 !w-60"
          value=""
          onChange={({ target }) => change(api.put(`/api/v1/teams/${team.id}/members/${target.value}`, {}))}
        >
          <option value="">{t('Add a member')}</option>
          {others.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      )}
      {removing && (
        <Confirm
          open
          onOpenChange={setRemoving}
          title={t('Delete “{{name}}”?', { name: team.name })}
          description={t('The keys of the team end at once. Its members stay in the organisation.')}
          action={t('Delete')}
          onConfirm={async () => {
            await api.delete(`/api/v1/teams/${team.id}`);
            await queryClient.invalidateQueries({ queryKey });
          }}
        />
      )}
    </Card>
  );
}

function NewTeam({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const form = useSubmit(async ({ name }) => {
    await api.post('/api/v1/teams', { name });
    await queryClient.invalidateQueries({ queryKey });
    onClose();
  });
  return (
    <Dialog open onOpenChange={onClose} title={t('New team')}>
      <form onSubmit={form.onSubmit} className="flex flex-col gap-4 pb-2">
        <Field label={t('Name')}>{(id) => <Input id={id} name="name" required maxLength={100} />}</Field>
        <ErrorLine error={form.error} />
        <Button type="submit" look="primary" disabled={form.busy} className="self-end">
          {t('Make it')}
        </Button>
      </form>
    </Dialog>
  );
}
