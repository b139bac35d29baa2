import { useTranslation } from 'react-i18next';
import type { Prompt } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input } from '../../ui/field.tsx';

const pattern = /\{\{\s*([\p{L}\p{N}_ -]+?)\s*\}\}/gu;

/** The names in double braces, each once. */
export const variablesOf = (text: string): string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, name]) => name!)),
];

/** Asks for what a prompt leaves open. */
export function PromptDialog({
  prompt,
  onClose,
  onFilled,
}: {
  prompt: Prompt;
  onClose(): void;
  onFilled(text: string): void;
}) {
  const { t } = useTranslation();
  return (
    <Dialog open onOpenChange={onClose} title={prompt.title}>
      <form
        className="flex flex-col gap-4 pb-2"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          onFilled(prompt.text.replace(pattern, (_, name: string) => String(form.get(name) ?? '')));
          onClose();
        }}
      >
        {variablesOf(prompt.text).map((name) => (
          <Field key={name} label={name}>
            {(id) => <Input id={id} name={name} required />}
          </Field>
        ))}
        <Button type="submit" look="primary" className="self-end">
          {t('Use it')}
        </Button>
      </form>
    </Dialog>
  );
}
