import { Dialog as Base } from '@base-ui/react/dialog';
import { useQuery } from '@tanstack/react-query';
import { Check, ChevronDown, House, Sparkles, Star, Waypoints } from 'lucide-react';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changePreferences, groupsQuery, modelsQuery, usePreferences } from '../../api/queries.ts';
import type { Group, Model } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { cn } from '../../ui/cn.ts';
import { inputClass } from '../../ui/field.tsx';
import { short, usd } from '../../ui/format.ts';
import { Failed, Loading } from '../../ui/states.tsx';

interface Choice {
  id: string;
  title: string;
  detail: string;
  kind: 'auto' | 'group' | 'model';
  model?: Model;
}

const talks = ({ capabilities }: Model): boolean =>
  !capabilities?.some((each) => each === 'embeddings' || each === 'image-out' || each === 'audio-out');

function choicesOf(models: Model[], groups: Group[], auto: { title: string; detail: string }): Choice[] {
  return [
    { id: 'auto', kind: 'auto', ...auto },
    ...groups.map(
      ({ name, purpose = '' }): Choice => ({ id: `group/${name}`, title: name, detail: purpose, kind: 'group' }),
    ),
    ...models.filter(talks).map(
      (model): Choice => ({
        id: model.id,
        title: model.name ?? model.upstream,
        detail: model.id,
        kind: 'model',
        model,
      }),
    ),
  ];
}

export interface ModelDialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  onChoose(model: string): void;
  chosen?: string;
}

const mostShown = 80;

/** Every model, group and `auto`, searched by typing, with what each costs and can do. */
export function ModelDialog({ open, onOpenChange, onChoose, chosen }: ModelDialogProps) {
  const { t } = useTranslation();
  const models = useQuery(modelsQuery);
  const groups = useQuery(groupsQuery);
  const preferences = usePreferences();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const all = useMemo(
    () =>
      choicesOf(models.data ?? [], groups.data ?? [], {
        title: t('Auto'),
        detail: t('The cheapest model that can answer, chosen for each message'),
      }),
    [models.data, groups.data, t],
  );
  const found = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return all.filter(({ id, title, detail }) => {
      const where = `${id} ${title} ${detail}`.toLowerCase();
      return words.every((word) => where.includes(word));
    });
  }, [all, text]);
  const shown = found.slice(0, mostShown);

  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      const next = Math.max(0, Math.min(shown.length - 1, at + step));
      setAt(next);
      list.current?.querySelector(`[data-at="${next}"]`)?.scrollIntoView({ block: 'nearest' });
    }
    if (event.key === 'Enter' && shown[at]) {
      event.preventDefault();
      onChoose(shown[at].id);
    }
  }

  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Base.Popup className="sheet fixed inset-x-0 bottom-0 z-40 flex h-[85dvh] flex-col overflow-hidden rounded-t-card border border-line bg-raised shadow-pop outline-none sm:inset-x-auto sm:top-[10vh] sm:bottom-auto sm:left-1/2 sm:h-auto sm:max-h-[75vh] sm:w-full sm:max-w-xl sm:-translate-x-1/2 sm:rounded-card">
          <Base.Title className="sr-only">{t('Choose a model')}</Base.Title>
          <div className="border-b border-line p-2">
            <input
              className={cn(inputClass, 'h-10 border-transparent')}
              placeholder={t('Search models…')}
              aria-label={t('Search models…')}
              role="combobox"
              aria-expanded="true"
              aria-controls="model-list"
              aria-activedescendant={shown[at] ? `model-${at}` : undefined}
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setAt(0);
              }}
              onKeyDown={onKeyDown}
            />
          </div>
          {models.error ? (
            <Failed error={models.error} retry={() => void models.refetch()} />
          ) : models.isPending ? (
            <Loading />
          ) : (
            <div
              ref={list}
              id="model-list"
              role="listbox"
              tabIndex={-1}
              aria-label={t('Models')}
              className="scrollbar-quiet min-h-0 flex-1 overflow-y-auto p-1.5"
            >
              {shown.map((choice, index) => (
                <Row
                  key={`${choice.kind} ${choice.id}`}
                  choice={choice}
                  index={index}
                  active={index === at}
                  chosen={choice.id === chosen}
                  isDefault={choice.id === (preferences.model ?? 'auto')}
                  onChoose={() => onChoose(choice.id)}
                />
              ))}
              {shown.length === 0 && (
                <p className="p-6 text-center text-sm text-quiet">{t('No model fits these words.')}</p>
              )}
              {found.length > mostShown && (
                <p className="p-2 text-center text-xs text-quiet">
                  {t('{{count}} more: go on typing.', { count: found.length - mostShown })}
                </p>
              )}
            </div>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

interface RowProps {
  choice: Choice;
  index: number;
  active: boolean;
  chosen: boolean;
  isDefault: boolean;
  onChoose(): void;
}

function Row({ choice: { id, title, detail, kind, model }, index, active, chosen, isDefault, onChoose }: RowProps) {
  const { t } = useTranslation();
  const Icon = kind === 'auto' ? Sparkles : kind === 'group' ? Waypoints : model?.local ? House : undefined;
  return (
    <div className={cn('group/row flex items-center rounded-control', active ? 'bg-sunken' : 'hover:bg-sunken')}>
      <div
        id={`model-${index}`}
        role="option"
        tabIndex={-1}
        aria-selected={chosen}
        data-at={index}
        onClick={onChoose}
        className="flex min-w-0 flex-1 items-center gap-3 px-2.5 py-2 text-left"
      >
        <span className="flex size-4 shrink-0 text-accent">
          {chosen ? <Check className="size-4" /> : Icon && <Icon className="size-4" />}
        </span>
        <span className="min-w-0 flex-1">
          <span className="block truncate text-sm font-medium">{title}</span>
          <span className="block truncate text-xs text-quiet">{detail}</span>
        </span>
        {model && (
          <span className="hidden shrink-0 text-right text-xs text-quiet tabular-nums sm:block">
            <span className="block">
              {model.price ? `${usd(model.price.input ?? 0)} · ${usd(model.price.output ?? 0)}` : t('unpriced')}
            </span>
            <span className="block">
              {short(model.context)} ·{' '}
              {(model.capabilities ?? [])
                .filter((each) => each === 'vision' || each === 'tools' || each === 'reasoning')
                .join(' ')}
            </span>
          </span>
        )}
      </div>
      <button
        type="button"
        tabIndex={-1}
        aria-label={t('Make {{name}} the default', { name: title })}
        aria-pressed={isDefault}
        className={cn(
          'mr-1 rounded-md p-1.5 text-quiet hover:text-accent',
          isDefault ? 'text-accent' : 'opacity-0 group-hover/row:opacity-100',
        )}
        onClick={() => void changePreferences({ model: id })}
      >
        <Star className="size-4" fill={isDefault ? 'currentColor' : 'none'} />
      </button>
    </div>
  );
}

/** The name of a model as people say it. */
export function useModelName(id: string): string {
  const { t } = useTranslation();
  const { data } = useQuery(modelsQuery);
  if (id === 'auto') return t('Auto');
  return data?.find((model) => model.id === id)?.name ?? id.slice(id.indexOf('/') + 1);
}

export function ModelPicker({ model, onChange }: { model: string; onChange(model: string): void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const name = useModelName(model);
  return (
    <>
      <Button
        look="quiet"
        size="small"
        className="max-w-44 min-w-0 !shrink"
        aria-haspopup="dialog"
        aria-label={t('Model: {{name}}', { name })}
        onClick={() => setOpen(true)}
      >
        {model === 'auto' && <Sparkles className="size-3.5 shrink-0 text-accent" />}
        <span className="truncate">{name}</span>
        <ChevronDown className="size-3.5 shrink-0" />
      </Button>
      {open && (
        <ModelDialog
          open
          onOpenChange={setOpen}
          chosen={model}
          onChoose={(id) => {
            onChange(id);
            setOpen(false);
          }}
        />
      )}
    </>
  );
}
