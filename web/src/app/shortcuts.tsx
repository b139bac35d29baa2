import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../ui/dialog.tsx';
import { usePalette } from './palette-state.ts';
import { useSidebar } from './sidebar-state.ts';

/** The keys that work everywhere, and the sheet that shows them. */
export function Shortcuts() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { view, show } = usePalette();
  const toggle = useSidebar(({ toggle }) => toggle);

  // Listens to the keyboard.
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const control = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      const writing =
        event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable]');
      const done = () => event.preventDefault();
      if (control && key === 'k') {
        done();
        show('search');
      } else if (control && event.shiftKey && key === 'o') {
        done();
        void navigate({ to: '/' });
      } else if (control && key === 'b') {
        done();
        toggle();
      } else if (control && key === '/') {
        done();
        show('shortcuts');
      } else if (key === '/' && !writing && !control) {
        done();
        document.querySelector<HTMLTextAreaElement>('form textarea')?.focus();
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [navigate, show, toggle]);

  const rows: [string, string][] = [
    ['Ctrl K', t('Search chats and commands')],
    ['Ctrl Shift O', t('New chat')],
    ['Ctrl B', t('Show or hide the sidebar')],
    ['Ctrl /', t('These shortcuts')],
    ['/', t('Go to the message field')],
    ['Enter', t('Send')],
    ['Shift Enter', t('New line')],
    ['Esc', t('Stop the answer')],
    ['↑ ↓ Enter', t('Choose in a list')],
  ];
  return (
    <Dialog
      open={view === 'shortcuts'}
      onOpenChange={(open) => show(open ? 'shortcuts' : undefined)}
      title={t('Keyboard shortcuts')}
    >
      <dl className="divide-y divide-line pb-2 text-sm">
        {rows.map(([keys, what]) => (
          <div key={keys} className="flex items-center justify-between gap-4 py-2">
            <dt>{what}</dt>
            <dd className="flex gap-1">
              {keys.split(' ').map((key) => (
                <kbd key={key} className="rounded-md border border-line bg-sunken px-1.5 py-0.5 font-sans text-xs">
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
