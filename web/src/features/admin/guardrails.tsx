import { useQuery } from '@tanstack/react-query';
import { Plus, Shield, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { may, queryClient, useMe } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input, Select, Textarea } from '../../ui/field.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { Empty, ErrorLine, Failed, Loading } from '../../ui/states.tsx';
import { sayError } from '../../ui/toast.tsx';
import { useSubmit } from '../auth/use-submit.ts';

interface Guardrail {
  id: string;
  source: 'organisation' | 'gateway';
  name: string;
  enabled: boolean;
  on: string;
  check: { kind: string };
  action: string;
}

interface Trial {
  text: string;
  blocked: boolean;
  rules: { rule: string; action: string; found: boolean; places: { label: string }[]; because?: string }[];
}

const queryKey = ['guardrails'];
const detectors = ['email', 'phone', 'card', 'iban', 'national-id', 'ip'];

/** Rules about what goes in and comes out, in the order in which they apply. */
export default function GuardrailsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const rules = useQuery({
    queryKey,
    queryFn: async () => (await api.get<{ data: Guardrail[] }>('/api/v1/guardrails')).data,
  });
  const [making, setMaking] = useState(false);
  const [removing, setRemoving] = useState<Guardrail>();
  const writes = may(me, 'guardrails:write');
  const changed = () => queryClient.invalidateQueries({ queryKey });
  const turn = (rule: Guardrail) =>
    void api
      .patch(`/api/v1/guardrails/${rule.id}`, { enabled: !rule.enabled })
      .then(changed)
      .catch((error) => sayError(t('The guardrail could not be changed'), error));
  return (
    <>
      <PageHead
        title={t('Guardrails')}
        lead={t(
          'What is found in questions and answers, and what is done then. They apply in this order, in streams too.',
        )}
      >
        {writes && (
          <Button look="primary" onClick={() => setMaking(true)}>
            <Plus className="size-4" /> {t('New guardrail')}
          </Button>
        )}
      </PageHead>
      <TryRules />
      {rules.isPending && <Loading />}
      {rules.error && <Failed error={rules.error} retry={() => void rules.refetch()} />}
      {rules.data?.length === 0 && (
        <Empty icon={Shield} title={t('No guardrails yet')}>
          {t('Begin with one that masks personal data.')}
        </Empty>
      )}
      <ol className="flex flex-col gap-2">
        {rules.data?.map((rule) => (
          <li
            key={rule.id}
            className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-card border border-line bg-raised px-4 py-3 text-sm"
          >
            <span className="min-w-40 flex-1">
              <span className="font-medium">{rule.name}</span>{' '}
              <span className="text-xs text-quiet">
                {rule.check.kind} · {rule.on} · {rule.action}
                {rule.source === 'gateway' && ` · ${t('from sluice.yaml')}`}
              </span>
            </span>
            {writes && rule.source === 'organisation' ? (
              <>
                <Button size="small" aria-pressed={rule.enabled} onClick={() => turn(rule)}>
                  {rule.enabled ? t('Turn off') : t('Turn on')}
                </Button>
                <Button
                  look="quiet"
                  size="icon-small"
                  aria-label={t('Delete {{name}}', { name: rule.name })}
                  onClick={() => setRemoving(rule)}
                >
                  <Trash2 className="size-4" />
                </Button>
              </>
            ) : (
              <span className="text-xs text-quiet">{rule.enabled ? t('on') : t('off')}</span>
            )}
          </li>
        ))}
      </ol>
      {making && <NewGuardrail onClose={() => setMaking(false)} onMade={changed} />}
      {removing && (
        <Confirm
          open
          onOpenChange={() => setRemoving(undefined)}
          title={t('Delete “{{name}}”?', { name: removing.name })}
          action={t('Delete')}
          onConfirm={async () => {
            await api.delete(`/api/v1/guardrails/${removing.id}`);
            await changed();
          }}
        />
      )}
    </>
  );
}

function TryRules() {
  const { t } = useTranslation();
  const [trial, setTrial] = useState<Trial>();
  const form = useSubmit(async ({ text, on }) => setTrial(await api.post('/api/v1/guardrails/test', { text, on })));
  return (
    <Card title={t('Try it')} hint={t('What would the rules that are on do to this text? Nothing is sent.')}>
      <form onSubmit={form.onSubmit} className="flex flex-col gap-3">
        <Textarea
          name="text"
          required
          rows={2}
          aria-label={t('Text')}
          placeholder={t('My address is ada@example.com.')}
        />
        <div className="flex gap-2">
          <Select name="on" aria-label={t('Direction')} className="!w-40">
            <option value="input">{t('a question')}</option>
            <option value="output">{t('an answer')}</option>
          </Select>
          <Button type="submit" look="primary" disabled={form.busy}>
            {t('Try it')}
          </Button>
        </div>
        <ErrorLine error={form.error} />
      </form>
      {trial && (
        <div className="mt-4 text-sm">
          <p className={trial.blocked ? 'text-danger' : ''}>{trial.blocked ? t('It would be refused.') : trial.text}</p>
          <ul className="mt-2 text-xs text-quiet">
            {trial.rules
              .filter(({ found }) => found)
              .map(({ rule, action, places, because }) => (
                <li key={rule}>
                  {rule}: {action} {[...new Set(places.map(({ label }) => label))].join(', ')} {because}
                </li>
              ))}
          </ul>
        </div>
      )}
    </Card>
  );
}

const list = (text = ''): string[] =>
  text
    .split(/[\n,]/)
    .map((each) => each.trim())
    .filter(Boolean);

/** A check as its own fields say it; everything else a check can hold is set over HTTP. */
function checkOf(kind: string, fields: Record<string, string>): object {
  if (kind === 'pii') return { kind, detect: detectors.filter((each) => fields[`detect-${each}`] !== undefined) };
  if (kind === 'keywords') return { kind, words: list(fields.words) };
  if (kind === 'regex') return { kind, patterns: fields.words!.split('\n').filter(Boolean) };
  if (kind === 'size') return { kind, maxCharacters: Number(fields.maxCharacters) };
  return { kind };
}

function NewGuardrail({ onClose, onMade }: { onClose(): void; onMade(): Promise<unknown> }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState('pii');
  const form = useSubmit(async (fields) => {
    await api.post('/api/v1/guardrails', {
      name: fields.name,
      on: fields.on,
      action: fields.action,
      check: checkOf(kind, fields),
    });
    await onMade();
    onClose();
  });
  const kinds: Record<string, string> = {
    pii: t('Personal data'),
    secrets: t('Keys and passwords'),
    keywords: t('Words'),
    regex: t('Patterns'),
    injection: t('Attempts to take over the model'),
    'image-links': t('Images of other sites'),
    size: t('Length'),
  };
  return (
    <Dialog open onOpenChange={onClose} title={t('New guardrail')}>
      <form onSubmit={form.onSubmit} className="flex flex-col gap-4 pb-2">
        <Field label={t('Name')}>{(id) => <Input id={id} name="name" required maxLength={100} />}</Field>
        <Field label={t('Look for')}>
          {(id) => (
            <Select id={id} value={kind} onChange={({ target }) => setKind(target.value)}>
              {Object.entries(kinds).map(([each, name]) => (
                <option key={each} value={each}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {kind === 'pii' && (
          <fieldset className="flex flex-wrap gap-x-4 gap-y-2 text-sm">
            <legend className="mb-1 font-medium">{t('Which')}</legend>
            {detectors.map((each) => (
              <label key={each} className="flex items-center gap-1.5">
                <input type="checkbox" name={`detect-${each}`} defaultChecked className="accent-accent" /> {each}
              </label>
            ))}
          </fieldset>
        )}
        {(kind === 'keywords' || kind === 'regex') && (
          <Field label={kinds[kind]!} hint={t('One on each line.')}>
            {(id) => <Textarea id={id} name="words" required rows={4} />}
          </Field>
        )}
        {kind === 'size' && (
          <Field label={t('Characters at most')}>
            {(id) => <Input id={id} name="maxCharacters" type="number" min="1" required />}
          </Field>
        )}
        <div className="grid grid-cols-2 gap-3">
          <Field label={t('In')}>
            {(id) => (
              <Select id={id} name="on" defaultValue="input">
                <option value="input">{t('questions')}</option>
                <option value="output">{t('answers')}</option>
                <option value="both">{t('both')}</option>
              </Select>
            )}
          </Field>
          <Field label={t('Then')}>
            {(id) => (
              <Select id={id} name="action" defaultValue={kind === 'pii' ? 'mask' : 'block'} key={kind}>
                <option value="block">{t('refuse')}</option>
                <option value="redact">{t('take it out')}</option>
                <option value="mask">{t('mask it, and put it back in the answer')}</option>
                <option value="flag">{t('only note it')}</option>
              </Select>
            )}
          </Field>
        </div>
        <ErrorLine error={form.error} />
        <Button type="submit" look="primary" disabled={form.busy} className="self-end">
          {t('Add it')}
        </Button>
      </form>
    </Dialog>
  );
}
