import { Switch as BaseSwitch } from '@base-ui/react/switch';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { cn } from './cn.ts';

export const inputClass =
  'w-full rounded-control border border-line bg-raised px-3 text-sm text-ink placeholder:text-faint focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-accent disabled:opacity-60';

export const Input = ({ className, ...rest }: ComponentProps<'input'>) => (
  <input {...rest} className={cn(inputClass, 'h-9', className)} />
);
export const Textarea = ({ className, ...rest }: ComponentProps<'textarea'>) => (
  <textarea {...rest} className={cn(inputClass, 'min-h-20 py-2', className)} />
);
export const Select = ({ className, ...rest }: ComponentProps<'select'>) => (
  <select {...rest} className={cn(inputClass, 'h-9 pr-8', className)} />
);

/** A control with its name and what it means. The child is given the id that the name belongs to. */
export function Field({ label, hint, children }: { label: string; hint?: ReactNode; children(id: string): ReactNode }) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children(id)}
      {hint && <p className="text-xs text-quiet">{hint}</p>}
    </div>
  );
}

export interface SwitchRowProps {
  label: string;
  hint?: string;
  checked: boolean;
  onChange(checked: boolean): void;
}

export function SwitchRow({ label, hint, checked, onChange }: SwitchRowProps) {
  const id = useId();
  return (
    <div className="flex items-center gap-4 py-2">
      <label htmlFor={id} className="min-w-0 flex-1 text-sm">
        <span className="font-medium">{label}</span>
        {hint && <span className="block text-xs text-quiet">{hint}</span>}
      </label>
      <BaseSwitch.Root
        id={id}
        checked={checked}
        onCheckedChange={onChange}
        className="flex h-6 w-10 shrink-0 items-center rounded-full border border-line bg-sunken p-0.5 transition-colors data-checked:border-accent data-checked:bg-accent"
      >
        <BaseSwitch.Thumb className="size-4.5 rounded-full bg-quiet transition-transform data-checked:translate-x-4 data-checked:bg-on-accent" />
      </BaseSwitch.Root>
    </div>
  );
}
