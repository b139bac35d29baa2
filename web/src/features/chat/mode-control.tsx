import { Popover } from '@base-ui/react/popover';
import { useQuery } from '@tanstack/react-query';
import { Brain, Check, ChevronDown, Rocket, Zap } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ChatMode, chatModes } from '../../../../shared/src/chat.ts';
import { api } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { cn } from '../../ui/cn.ts';
import { duration, usd } from '../../ui/format.ts';
import { popupClass } from '../../ui/menu.tsx';

const icons = { flash: Zap, think: Brain, 'ultra-think': Rocket };

interface Explanation {
  routed: { model: string; reason: string };
  candidates: { model: string; likelyUsd: string | null; latencyMs: number | null }[];
}

/** What the message would cost in a mode: nothing is sent to a model. */
function useExpected(mode: ChatMode, model: string, text: string, enabled: boolean) {
  return useQuery({
    queryKey: ['expected', mode, model, text],
    enabled,
    retry: false,
    queryFn: async () => {
      const request = { model, messages: [{ role: 'user', content: text || 'Hello' }] };
      const { routed, candidates } = await api.post<Explanation>('/api/v1/complexity', { mode, request });
      const found = candidates.find((candidate) => candidate.model === routed.model);
      return { model: routed.model, likelyUsd: found?.likelyUsd ?? null, latencyMs: found?.latencyMs ?? null };
    },
  }).data;
}

export interface ModeControlProps {
  mode: ChatMode;
  model: string;
  text: string;
  onChange(mode: ChatMode): void;
}

/** Flash, Think or Ultra-think, with what each would cost for what is written. */
export function ModeControl({ mode, model, text, onChange }: ModeControlProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const names: Record<ChatMode, string> = { flash: t('Flash'), think: t('Think'), 'ultra-think': t('Ultra-think') };
  const Icon = icons[mode];
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        render={
          <Button look="quiet" size="small" aria-label={t('Mode: {{name}}', { name: names[mode] })}>
            <Icon className="size-3.5 text-accent" />
            <span className="max-[26rem]:hidden">{names[mode]}</span>
            <ChevronDown className="size-3.5" />
          </Button>
        }
      />
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} side="top" align="start" className="z-50">
          <Popover.Popup className={cn(popupClass, 'w-80')} aria-label={t('Mode')}>
            {chatModes.map((each) => (
              <ModeRow
                key={each}
                mode={each}
                name={names[each]}
                chosen={each === mode}
                model={model}
                text={text}
                open={open}
                onChoose={() => {
                  onChange(each);
                  setOpen(false);
                }}
              />
            ))}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface ModeRowProps {
  mode: ChatMode;
  name: string;
  chosen: boolean;
  model: string;
  text: string;
  open: boolean;
  onChoose(): void;
}

function ModeRow({ mode, name, chosen, model, text, open, onChoose }: ModeRowProps) {
  const { t } = useTranslation();
  const expected = useExpected(mode, model, text, open);
  const Icon = icons[mode];
  const details: Record<ChatMode, string> = {
    flash: t('The cheapest model that is good enough, at once.'),
    think: t('A better model that thinks before it answers.'),
    'ultra-think': t('The best model drafts, criticises and revises.'),
  };
  return (
    <button
      type="button"
      aria-pressed={chosen}
      onClick={onChoose}
      className="flex w-full items-start gap-3 rounded-md px-2.5 py-2 text-left hover:bg-sunken"
    >
      <Icon className="mt-0.5 size-4 shrink-0 text-accent" />
      <span className="min-w-0 flex-1">
        <span className="flex items-center gap-2 font-medium">
          {name} {chosen && <Check className="size-3.5 text-accent" />}
        </span>
        <span className="block text-xs text-quiet">{details[mode]}</span>
        {expected && (
          <span className="mt-0.5 block truncate text-xs text-quiet tabular-nums">
            {expected.likelyUsd === null ? t('unpriced') : `≈ ${usd(expected.likelyUsd)}`}
            {expected.latencyMs !== null && ` · ${duration(expected.latencyMs)}`} · {expected.model}
          </span>
        )}
      </span>
    </button>
  );
}
