import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changePreferences } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { ModelDialog, useModelName } from './model-picker.tsx';

const most = 4;

/** The models that the next message goes to, two to four of them. */
export function CompareBar({
  models,
  onChange,
  onClose,
}: {
  models: string[];
  onChange(models: string[]): void;
  onClose(): void;
}) {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const change = (next: string[]) => {
    onChange(next);
    void changePreferences({ compareModels: next });
  };
  return (
    <div className="mb-2 flex flex-wrap items-center gap-1.5 text-sm">
      <span className="text-xs text-quiet">{t('Side by side:')}</span>
      {models.map((model) => (
        <Chip key={model} model={model} onRemove={() => change(models.filter((each) => each !== model))} />
      ))}
      {models.length < most && (
        <Button size="small" onClick={() => setAdding(true)}>
          <Plus className="size-3.5" /> {t('Add a model')}
        </Button>
      )}
      {models.length < 2 && <span className="text-xs text-quiet">{t('Choose at least two.')}</span>}
      <span className="flex-1" />
      <Button look="quiet" size="icon-small" aria-label={t('Stop comparing')} onClick={onClose}>
        <X className="size-4" />
      </Button>
      {adding && (
        <ModelDialog
          open
          onOpenChange={setAdding}
          onChoose={(model) => {
            setAdding(false);
            if (!models.includes(model)) change([...models, model]);
          }}
        />
      )}
    </div>
  );
}

function Chip({ model, onRemove }: { model: string; onRemove(): void }) {
  const { t } = useTranslation();
  const name = useModelName(model);
  return (
    <span className="flex items-center gap-1 rounded-full border border-line bg-raised py-0.5 pr-1 pl-2.5 text-xs">
      {name}
      <button
        type="button"
        aria-label={t('Remove {{name}}', { name })}
        onClick={onRemove}
        className="rounded-full p-0.5 text-quiet hover:bg-sunken"
      >
        <X className="size-3" />
      </button>
    </span>
  );
}
