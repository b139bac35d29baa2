import { Toast } from '@base-ui/react/toast';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf } from './states.tsx';

const manager = Toast.createToastManager();

/** Says something in passing. */
export const say = (title: string, description?: string) => manager.add({ title, description });
/** Says that something failed, and why. */
export const sayError = (title: string, error: unknown) =>
  manager.add({ title, description: messageOf(error), type: 'error', priority: 'high' });

export function Toasts({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider toastManager={manager}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed inset-x-4 bottom-4 z-50 mx-auto flex max-w-sm flex-col gap-2 sm:right-4 sm:left-auto sm:w-96">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function List() {
  const { t } = useTranslation();
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className="sheet flex items-start gap-3 rounded-control border border-line bg-raised px-4 py-3 text-sm shadow-pop"
    >
      <div className="min-w-0 flex-1">
        <Toast.Title className={toast.type === 'error' ? 'font-medium text-danger' : 'font-medium'} />
        <Toast.Description className="mt-0.5 break-words text-quiet" />
      </div>
      <Toast.Close aria-label={t('Close')} className="rounded-md p-1 text-quiet hover:bg-sunken">
        <X className="size-4" />
      </Toast.Close>
    </Toast.Root>
  ));
}
