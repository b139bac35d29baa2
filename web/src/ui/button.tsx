import { Button as Base } from '@base-ui/react/button';
import type { ComponentProps } from 'react';
import { cn } from './cn.ts';

const looks = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong border-transparent',
  plain: 'bg-raised text-ink hover:bg-sunken border-line',
  quiet: 'bg-transparent text-quiet hover:bg-sunken hover:text-ink border-transparent',
  danger: 'bg-transparent text-danger hover:bg-danger-wash border-line',
};
const sizes = {
  normal: 'h-9 px-3.5 text-sm',
  small: 'h-8 px-2.5 text-[0.8125rem]',
  icon: 'size-9',
  'icon-small': 'size-8',
};

export interface ButtonProps extends ComponentProps<typeof Base> {
  look?: keyof typeof looks;
  size?: keyof typeof sizes;
}

export function Button({ look = 'plain', size = 'normal', className, ...rest }: ButtonProps) {
  return (
    <Base
      {...rest}
      className={cn(
        'inline-flex shrink-0 items-center justify-center gap-2 rounded-control border font-medium whitespace-nowrap transition-colors duration-100 select-none disabled:cursor-not-allowed disabled:opacity-50',
        looks[look],
        sizes[size],
        className as string,
      )}
    />
  );
}
