import { WifiOff } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

function subscribe(changed: () => void): () => void {
  addEventListener('online', changed);
  addEventListener('offline', changed);
  return () => {
    removeEventListener('online', changed);
    removeEventListener('offline', changed);
  };
}

export const useOnline = (): boolean => useSyncExternalStore(subscribe, () => navigator.onLine);

/** Says that there is no connection, and what that means. */
export function Offline() {
  const { t } = useTranslation();
  if (useOnline()) return null;
  return (
    <p role="status" className="flex items-center justify-center gap-2 bg-warn-wash px-4 py-1.5 text-xs text-warn">
      <WifiOff className="size-3.5" />{' '}
      {t('You are offline. What you write is kept on this device and can be sent later.')}
    </p>
  );
}
