import { useQuery } from '@tanstack/react-query';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { chatModes } from '../../../../shared/src/chat.ts';
import { api } from '../../api/client.ts';
import { groupsQuery, modelsQuery, queryClient, useMe } from '../../api/queries.ts';
import type { Group } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input, Select, Textarea } from '../../ui/field.tsx';
import { duration, usd } from '../../ui/format.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { ErrorLine, Failed, Loading } from '../../ui/states.tsx';
import { useSubmit } from '../auth/use-submit.ts';

const strategies = ['ordered', 'weighted', 'cheapest', 'fastest', 'complexity', 'learned', 'cascade', 'classifier'];

/** Groups of models, how one of them is chosen, and a box that explains a choice. */
export default function RoutingPage() {
  const { t } = useTranslation();
  const me = useMe();
  const groups = useQuery(groupsQuery);
  const [editing, setEditing] = useState<Group | 'new'>();
  const [removing, setRemoving] = useState<Group>();
  const changed = () => queryClient.invalidateQueries(groupsQuery);
  return (
    <>
      <PageHead
        title={t('Routing')}
        lead={t('A caller names a group, or auto, and each request goes to the cheapest model that can answer it.')}
      >
        {me?.operator && (
          <Button look="primary" onClick={() => setEditing('new')}>
            <Plus className="size-4" /> {t('New group')}
          </Button>
        )}
      </PageHead>
      <TryIt />
      {groups.isPending && <Loading />}
      {groups.error && <Failed error={groups.error} retry={() => void groups.refetch()} />}
      <ul className="grid gap-3 lg:grid-cols-2">
        {groups.data?.map((group) => (
          <li key={group.name} className="rounded-card border border-line bg-raised p-4 text-sm">
            <div className="flex items-center gap-2">
              <h2 className="font-semibold">group/{group.name}</h2>
              <span className="rounded-full bg-wash px-2 py-0.5 text-xs text-accent">{group.strategy}</span>
              <span className="flex-1" />
              {me?.operator && group.origin !== 'file' && (
                <>
                  <Button
                    look="quiet"
                    size="icon-small"
                    aria-label={t('Edit {{name}}', { name: group.name })}
                    onClick={() => setEditing(group)}
                  >
                    <Pencil className="size-4" />
                  </Button>
                  {group.origin === 'database' && (
                    <Button
                      look="quiet"
                      size="icon-small"
                      aria-label={t('Delete {{name}}', { name: group.name })}
                      onClick={() => setRemoving(group)}
                    >
                      <Trash2 className="size-4" />
                    </Button>
                  )}
                </>
              )}
            </div>
            <p className="mt-1 text-quiet">{group.purpose}</p>
            <ol className="mt-3 flex flex-wrap gap-1.5 text-xs">
              {group.models.slice(0, 8).map(({ model, weight }) => (
                <li key={model} className="rounded-full border border-line px-2 py-0.5">
                  {model}
                  {weight !== 1 && ` × ${weight}`}
                </li>
              ))}
              {group.models.length > 8 && (
                <li className="px-1 py-0.5 text-quiet">
                  {t('and {{count}} more', { count: group.models.length - 8 })}
                </li>
              )}
            </ol>
            <p className="mt-3 text-xs text-faint">
              {{ file: t('from sluice.yaml'), database: t('made here'), 'built-in': t('built in') }[group.origin]}
              {group.tau !== undefined && ` · tau ${group.tau}`}
              {group.thresholds && ` · ${group.thresholds.join(' / ')}`}
            </p>
          </li>
        ))}
      </ul>
      {editing && (
        <EditGroup
          group={editing === 'new' ? undefined : editing}
          onClose={() => setEditing(undefined)}
          onSaved={changed}
        />
      )}
      {removing && (
        <Confirm
          open
          onOpenChange={() => setRemoving(undefined)}
          title={t('Delete “{{name}}”?', { name: removing.name })}
          description={t('Callers that name it are refused, unless there is a built-in group of this name.')}
          action={t('Delete')}
          onConfirm={async () => {
            await api.delete(`/api/v1/routing-groups/${removing.name}`);
            await changed();
          }}
        />
      )}
    </>
  );
}

const numbers = (text = ''): number[] =>
  text
    .split(/[,/\s]+/)
    .filter(Boolean)
    .map(Number);
const numberOf = (text: string | undefined): number | undefined => (text ? Number(text) : undefined);

function EditGroup({ group, onClose, onSaved }: { group?: Group; onClose(): void; onSaved(): Promise<unknown> }) {
  const { t } = useTranslation();
  const { data: models = [] } = useQuery(modelsQuery);
  const [strategy, setStrategy] = useState(group?.strategy ?? 'ordered');
  const form = useSubmit(async (fields) => {
    const lines = fields
      .models!.split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
    const thresholds = numbers(fields.thresholds);
    await api.put(`/api/v1/routing-groups/${encodeURIComponent(group?.name ?? fields.name!)}`, {
      models: lines.map((line) => {
        const [, model = line, weight] = /^(.*?)\s*[×x*]\s*([\d.]+)$/.exec(line) ?? [];
        return weight === undefined ? model : { model, weight: Number(weight) };
      }),
      strategy,
      ...(fields.purpose && { purpose: fields.purpose }),
      ...(thresholds.length > 0 && { thresholds }),
      ...(fields.tau && { tau: numberOf(fields.tau) }),
      ...(fields.floor && { floor: numberOf(fields.floor) }),
      ...(fields.default && { default: fields.default }),
      ...(fields.verifier && { verifier: fields.verifier }),
      ...(fields.classifier && { classifier: fields.classifier }),
    });
    await onSaved();
    onClose();
  });
  const about: Record<string, string> = {
    ordered: t('The first, and the next when it fails.'),
    weighted: t('By chance, as often as the weights say.'),
    cheapest: t('The likely cheapest for the request.'),
    fastest: t('Whoever answered quickest lately.'),
    complexity: t('The harder the request looks, the later the member.'),
    learned: t('The cheapest that is expected to be good enough.'),
    cascade: t('The first, and a better one when its answer fails a check.'),
    classifier: t('By what a small model says the request is about.'),
  };
  return (
    <Dialog open onOpenChange={onClose} wide title={group ? `group/${group.name}` : t('New group')}>
      <form onSubmit={form.onSubmit} className="flex flex-col gap-4 pb-2">
        {!group && (
          <Field label={t('Name')} hint={t('Callers say group/ and this name.')}>
            {(id) => <Input id={id} name="name" required pattern="[A-Za-z0-9][\w.\-]{0,63}" />}
          </Field>
        )}
        <Field label={t('Purpose')}>{(id) => <Input id={id} name="purpose" defaultValue={group?.purpose} />}</Field>
        <Field label={t('Strategy')} hint={about[strategy]}>
          {(id) => (
            <Select id={id} name="strategy" value={strategy} onChange={({ target }) => setStrategy(target.value)}>
              {strategies.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field
          label={t('Models')}
          hint={t(
            'One on each line, weakest first where the strategy is complexity or cascade; “× 3” behind it is its weight.',
          )}
        >
          {(id) => (
            <Textarea
              id={id}
              name="models"
              required
              rows={6}
              className="font-mono !text-xs"
              defaultValue={group?.models
                .map(({ model, weight }) => (weight === 1 ? model : `${model} × ${weight}`))
                .join('\n')}
            />
          )}
        </Field>
        <datalist id="group-models">
          {models.slice(0, 500).map(({ id }) => (
            <option key={id} value={id} />
          ))}
        </datalist>
        {strategy === 'complexity' && (
          <Field label={t('Thresholds')} hint={t('Scores from which on the next member is asked, like 0.3, 0.6.')}>
            {(id) => <Input id={id} name="thresholds" defaultValue={group?.thresholds?.join(', ')} />}
          </Field>
        )}
        {(strategy === 'learned' || strategy === 'classifier') && (
          <div className="grid grid-cols-2 gap-3">
            <Field label="tau" hint={t('What share of the best expected quality is enough.')}>
              {(id) => <Input id={id} name="tau" type="number" min="0" max="1" step="0.01" defaultValue={group?.tau} />}
            </Field>
            <Field label={t('Floor')} hint={t('What quality at least.')}>
              {(id) => (
                <Input id={id} name="floor" type="number" min="0" max="1" step="0.01" defaultValue={group?.floor} />
              )}
            </Field>
          </div>
        )}
        {strategy === 'cascade' && (
          <Field label={t('Verifier')} hint={t('A model that is asked whether an answer is right.')}>
            {(id) => <Input id={id} name="verifier" list="group-models" defaultValue={group?.verifier} />}
          </Field>
        )}
        {strategy === 'classifier' && (
          <Field label={t('Classifier')} hint={t('A small model that is asked what a request is about.')}>
            {(id) => <Input id={id} name="classifier" list="group-models" defaultValue={group?.classifier} />}
          </Field>
        )}
        <ErrorLine error={form.error} />
        <Button type="submit" look="primary" disabled={form.busy} className="self-end">
          {t('Save')}
        </Button>
      </form>
    </Dialog>
  );
}

interface Explanation {
  score: number;
  factors: Record<string, number>;
  taskType: string;
  routed: { model: string; reason: string };
  candidates: {
    model: string;
    likelyUsd: string | null;
    latencyMs: number | null;
    expectedQuality: number | null;
    refusal?: string;
  }[];
  choices: Record<string, string | null>;
}

/** Explains where a message would go; nothing is sent to a model. */
function TryIt() {
  const { t } = useTranslation();
  const { data: groups = [] } = useQuery(groupsQuery);
  const [found, setFound] = useState<Explanation>();
  const form = useSubmit(async ({ text, model, mode }) => {
    setFound(
      await api.post('/api/v1/complexity', {
        ...(mode && { mode }),
        request: { model, messages: [{ role: 'user', content: text }] },
      }),
    );
  });
  return (
    <Card title={t('Try it')} hint={t('Where would this message go, and why? Nothing is sent.')}>
      <form onSubmit={form.onSubmit} className="flex flex-col gap-3">
        <Textarea
          name="text"
          required
          rows={2}
          aria-label={t('Message')}
          placeholder={t('Design a queue that loses nothing when a worker dies.')}
        />
        <div className="flex flex-wrap gap-2">
          <Select name="model" aria-label={t('Group')} className="!w-48" defaultValue="auto">
            <option>auto</option>
            {groups.map(({ name }) => (
              <option key={name}>group/{name}</option>
            ))}
          </Select>
          <Select name="mode" aria-label={t('Mode')} className="!w-36" defaultValue="">
            <option value="">{t('No mode')}</option>
            {chatModes.map((mode) => (
              <option key={mode}>{mode}</option>
            ))}
          </Select>
          <Button type="submit" look="primary" disabled={form.busy}>
            {t('Explain')}
          </Button>
        </div>
        <ErrorLine error={form.error} />
      </form>
      {found && (
        <div className="mt-4 flex flex-col gap-3 text-sm">
          <p>
            {t('It would go to')} <strong>{found.routed.model}</strong>: {found.routed.reason}.{' '}
            {t('Complexity {{score}}, looks like {{kind}}.', { score: found.score.toFixed(2), kind: found.taskType })}
          </p>
          <div className="scrollbar-quiet overflow-x-auto">
            <table className="w-full min-w-[34rem] text-xs">
              <thead className="text-left text-quiet">
                <tr>
                  <th className="py-1 font-medium">{t('Candidate')}</th>
                  <th className="py-1 text-right font-medium">{t('Expected quality')}</th>
                  <th className="py-1 text-right font-medium">{t('Likely cost')}</th>
                  <th className="py-1 text-right font-medium">{t('First word after')}</th>
                </tr>
              </thead>
              <tbody>
                {found.candidates.slice(0, 12).map(({ model, expectedQuality, likelyUsd, latencyMs, refusal }) => (
                  <tr
                    key={model}
                    className={`border-t border-line ${model === found.routed.model ? 'font-medium text-accent' : ''}`}
                  >
                    <td className="py-1.5">
                      {model} {refusal && <span className="text-danger">{refusal}</span>}
                    </td>
                    <td className="py-1.5 text-right tabular-nums">
                      {expectedQuality === null ? '–' : expectedQuality.toFixed(2)}
                    </td>
                    <td className="py-1.5 text-right tabular-nums">
                      {likelyUsd === null ? t('unpriced') : usd(likelyUsd)}
                    </td>
                    <td className="py-1.5 text-right tabular-nums">{duration(latencyMs)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p className="text-xs text-quiet">
            {Object.entries(found.choices)
              .map(([strategy, model]) => `${strategy}: ${model ?? '–'}`)
              .join(' · ')}
          </p>
        </div>
      )}
    </Card>
  );
}
