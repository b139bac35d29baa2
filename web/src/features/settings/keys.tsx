import { useQuery } from '@tanstack/react-query';
import { KeyRound, Plus, RotateCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { queryClient, useMe } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { useCopy } from '../../ui/copy.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input, Select } from '../../ui/field.tsx';
import { ago } from '../../ui/format.ts';
import { Empty, ErrorLine, Failed, Loading } from '../../ui/states.tsx';
import { useSubmit } from '../auth/use-submit.ts';

export interface Key {
  id: string;
  name: string;
  hint: string;
  role: string;
  userId: string | null;
  models: string[] | null;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
}

const queryKey = ['keys'];

/** Keys for programs: one's own, or (`all`) those of the organisation. */
export function Keys({ all = false }: { all?: boolean }) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const keys = useQuery({ queryKey, queryFn: async () => (await api.get<{ data: Key[] }>('/api/v1/keys')).data });
  const [making, setMaking] = useState(false);
  const [shown, setShown] = useState<string>();
  const [revoking, setRevoking] = useState<Key>();
  const [rotating, setRotating] = useState<Key>();
  if (keys.isPending) return <Loading />;
  if (keys.error) return <Failed error={keys.error} retry={() => void keys.refetch()} />;
  const live = keys.data.filter((key) => !key.revokedAt && (all || key.userId === me?.userId));
  const changed = () => queryClient.invalidateQueries({ queryKey });
  return (
    <>
      <div className="mb-4 flex items-center gap-3">
        <h1 className="flex-1 text-xl font-semibold tracking-tight">{t('Keys')}</h1>
        <Button look="primary" size="small" onClick={() => setMaking(true)}>
          <Plus className="size-4" /> {t('New key')}
        </Button>
      </div>
      {live.length === 0 && (
        <Empty icon={KeyRound} title={t('No keys yet')}>
          {t('A key lets a program ask every model with the SDK that it has: only the address and the key change.')}
        </Empty>
      )}
      <ul className="flex flex-col gap-2">
        {live.map((key) => (
          <li
            key={key.id}
            className="flex flex-wrap items-center gap-x-4 gap-y-1 rounded-card border border-line bg-raised px-4 py-3 text-sm"
          >
            <span className="min-w-40 flex-1">
              <span className="block font-medium">{key.name}</span>
              <code className="text-xs text-quiet">{key.hint}</code>
            </span>
            <span className="text-xs text-quiet">
              {key.role}
              {key.models && ` · ${key.models.join(', ')}`}
              {key.expiresAt && ` · ${t('ends {{time}}', { time: ago(key.expiresAt, i18n.language) })}`}
            </span>
            <span className="text-xs text-faint">
              {key.lastUsedAt ? t('used {{time}}', { time: ago(key.lastUsedAt, i18n.language) }) : t('never used')}
            </span>
            <span className="flex">
              <Button
                look="quiet"
                size="icon-small"
                aria-label={t('New secret for {{name}}', { name: key.name })}
                onClick={() => setRotating(key)}
              >
                <RotateCw className="size-4" />
              </Button>
              <Button
                look="quiet"
                size="icon-small"
                aria-label={t('Revoke {{name}}', { name: key.name })}
                onClick={() => setRevoking(key)}
              >
                <Trash2 className="size-4" />
              </Button>
            </span>
          </li>
        ))}
      </ul>
      {making && (
        <NewKey
          all={all}
          onClose={() => setMaking(false)}
          onMade={(key) => {
            setMaking(false);
            setShown(key);
            void changed();
          }}
        />
      )}
      {shown && <ShowKey secret={shown} onClose={() => setShown(undefined)} />}
      {revoking && (
        <Confirm
          open
          onOpenChange={() => setRevoking(undefined)}
          title={t('Revoke “{{name}}”?', { name: revoking.name })}
          description={t('Programs that use it are refused at once. This cannot be taken back.')}
          action={t('Revoke')}
          onConfirm={async () => {
            await api.delete(`/api/v1/keys/${revoking.id}`);
            await changed();
          }}
        />
      )}
      {rotating && (
        <Confirm
          open
          onOpenChange={() => setRotating(undefined)}
          title={t('A new secret for “{{name}}”?', { name: rotating.name })}
          description={t('The old secret ends at once.')}
          action={t('Make it')}
          onConfirm={async () => {
            const { key } = await api.post<{ key: string }>(`/api/v1/keys/${rotating.id}/rotate`);
            setShown(key);
            await changed();
          }}
        />
      )}
    </>
  );
}

function NewKey({ all, onClose, onMade }: { all: boolean; onClose(): void; onMade(key: string): void }) {
  const { t } = useTranslation();
  const form = useSubmit(async ({ name, role, models = '', days, owner }) => {
    const list = models
      .split(',')
      .map((model) => model.trim())
      .filter(Boolean);
    const { key } = await api.post<{ key: string }>('/api/v1/keys', {
      name,
      ...(all && { role }),
      ...(all && owner === 'service' && { userId: null }),
      ...(list.length > 0 && { models: list }),
      ...(days && { expiresAt: new Date(Date.now() + Number(days) * 86_400_000).toISOString() }),
    });
    onMade(key);
  });
  return (
    <Dialog open onOpenChange={onClose} title={t('New key')}>
      <form onSubmit={form.onSubmit} className="flex flex-col gap-4 pb-2">
        <Field label={t('Name')}>
          {(id) => <Input id={id} name="name" required maxLength={100} placeholder={t('My notebook')} />}
        </Field>
        {all && (
          <div className="grid grid-cols-2 gap-3">
            <Field label={t('Role')}>
              {(id) => (
                <Select id={id} name="role" defaultValue="member">
                  {['member', 'viewer', 'admin', 'owner'].map((role) => (
                    <option key={role}>{role}</option>
                  ))}
                </Select>
              )}
            </Field>
            <Field label={t('Belongs to')}>
              {(id) => (
                <Select id={id} name="owner" defaultValue="me">
                  <option value="me">{t('me')}</option>
                  <option value="service">{t('a service')}</option>
                </Select>
              )}
            </Field>
          </div>
        )}
        <Field label={t('Models')} hint={t('With commas between; a name may end in *. Empty: all that you may use.')}>
          {(id) => <Input id={id} name="models" placeholder="openai/*, group/executors" />}
        </Field>
        <Field label={t('It ends')}>
          {(id) => (
            <Select id={id} name="days" defaultValue="">
              <option value="">{t('never')}</option>
              <option value="7">{t('in a week')}</option>
              <option value="30">{t('in a month')}</option>
              <option value="365">{t('in a year')}</option>
            </Select>
          )}
        </Field>
        <ErrorLine error={form.error} />
        <Button type="submit" look="primary" disabled={form.busy} className="self-end">
          {t('Make the key')}
        </Button>
      </form>
    </Dialog>
  );
}

const snippets = (origin: string, key: string): Record<string, string> => ({
  curl: `curl ${origin}/v1/chat/completions \\
  -H "authorization: Bearer ${key}" \\
  -H "content-type: application/json" \\
  -d '{"model": "auto", "messages": [{"role": "user", "content": "Say hello"}]}'`,
  Python: `from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key="${key}")
answer = client.chat.completions.create(
    model="auto",
    messages=[{"role": "user", "content": "Say hello"}],
)
print(answer.choices[0].message.content)`,
  TypeScript: `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: '${key}' });
const answer = await client.chat.completions.create({
  model: 'auto',
  messages: [{ role: 'user', content: 'Say hello' }],
});
console.log(answer.choices[0]?.message.content);`,
});

/** A key that was just made, once, with what to do with it. */
function ShowKey({ secret, onClose }: { secret: string; onClose(): void }) {
  const { t } = useTranslation();
  const [copied, copy] = useCopy();
  const [copiedCode, copyCode] = useCopy();
  const texts = snippets(location.origin, secret);
  const [language, setLanguage] = useState('curl');
  return (
    <Dialog
      open
      onOpenChange={onClose}
      wide
      title={t('Your new key')}
      description={t('It is shown this once. Copy it now: only its hash is kept.')}
    >
      <div className="flex gap-2">
        <Input
          readOnly
          value={secret}
          aria-label={t('Key')}
          className="font-mono"
          onFocus={(event) => event.target.select()}
        />
        <Button look="primary" onClick={() => copy(secret)}>
          {copied ? t('Copied') : t('Copy')}
        </Button>
      </div>
      <div role="tablist" aria-label={t('Language')} className="mt-5 flex gap-1">
        {Object.keys(texts).map((name) => (
          <Button
            key={name}
            role="tab"
            size="small"
            look="quiet"
            aria-selected={name === language}
            className={name === language ? '!bg-sunken !text-ink' : ''}
            onClick={() => setLanguage(name)}
          >
            {name}
          </Button>
        ))}
        <span className="flex-1" />
        <Button size="small" onClick={() => copyCode(texts[language]!)}>
          {copiedCode ? t('Copied') : t('Copy')}
        </Button>
      </div>
      <pre className="scrollbar-quiet mt-2 mb-3 overflow-x-auto rounded-control bg-sunken p-3 font-mono text-xs leading-relaxed">
        {texts[language]}
      </pre>
    </Dialog>
  );
}
