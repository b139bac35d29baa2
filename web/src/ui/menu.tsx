import { Menu as Base } from '@base-ui/react/menu';
import type { ComponentProps, ReactElement, ReactNode } from 'react';
import { cn } from './cn.ts';

export const popupClass =
  'pop scrollbar-quiet z-50 max-h-(--available-height) min-w-44 overflow-y-auto rounded-control border border-line bg-raised p-1 text-sm shadow-pop outline-none';

/** A list of things to do, behind its trigger. */
export function Menu({
  trigger,
  children,
  align = 'end',
  side = 'bottom',
}: {
  trigger: ReactElement;
  children: ReactNode;
  align?: 'start' | 'end';
  side?: 'top' | 'bottom';
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align={align} side={side} className="z-50">
          <Base.Popup className={popupClass}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export function MenuItem({ danger, className, ...rest }: ComponentProps<typeof Base.Item> & { danger?: boolean }) {
  return (
    <Base.Item
      {...rest}
      className={cn(
        'flex items-center gap-2.5 rounded-md px-2.5 py-1.5 outline-none select-none data-disabled:opacity-50 data-highlighted:bg-sunken [&>svg]:size-4 [&>svg]:text-quiet',
        danger && 'text-danger [&>svg]:text-danger',
        className as string,
      )}
    />
  );
}

export const MenuLine = () => <Base.Separator className="my-1 border-t border-line" />;
