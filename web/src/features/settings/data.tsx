import { Download, Trash2, Upload } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { queryClient } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Spinner } from '../../ui/states.tsx';
import { say, sayError } from '../../ui/toast.tsx';

export default function DataPage() {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [importing, setImporting] = useState(false);
  const [deleting, setDeleting] = useState(false);
  async function take(file: File | undefined): Promise<void> {
    if (!file) return;
    setImporting(true);
    try {
      const content: unknown = JSON.parse(await file.text());
      const { imported } = await api.post<{ imported: number }>('/api/v1/conversations/import', content);
      await queryClient.invalidateQueries({ queryKey: ['conversations'] });
      say(t('{{count}} chats were taken', { count: imported }));
    } catch (error) {
      sayError(t('The file could not be read'), error);
    } finally {
      setImporting(false);
    }
  }
  return (
    <>
      <h1 className="mb-4 text-xl font-semibold tracking-tight">{t('Your data')}</h1>
      <Card
        title={t('Take your chats along')}
        hint={t('One JSON file with every chat and all its branches.')}
        action={
          <Button size="small" render={<a href="/api/v1/conversations/export" download />} nativeButton={false}>
            <Download className="size-4" /> {t('Export')}
          </Button>
        }
      />
      <Card
        title={t('Bring chats here')}
        hint={t('From an export of Sluice, ChatGPT (conversations.json) or Open WebUI.')}
        action={
          <>
            <input
              ref={input}
              type="file"
              accept=".json,application/json"
              hidden
              aria-label={t('Import')}
              onChange={({ target }) => {
                void take(target.files?.[0]);
                target.value = '';
              }}
            />
            <Button size="small" disabled={importing} onClick={() => input.current?.click()}>
              {importing ? <Spinner /> : <Upload className="size-4" />} {t('Import')}
            </Button>
          </>
        }
      />
      <Card
        title={t('Delete everything')}
        hint={t(
          'All your chats, files, prompts, links and preferences. Your account stays, and the ledger keeps what was charged, without any words.',
        )}
        action={
          <Button size="small" look="danger" onClick={() => setDeleting(true)}>
            <Trash2 className="size-4" /> {t('Delete everything')}
          </Button>
        }
      />
      {deleting && (
        <Confirm
          open
          onOpenChange={setDeleting}
          title={t('Delete everything?')}
          description={t('It cannot be taken back.')}
          action={t('Delete everything')}
          onConfirm={async () => {
            const { conversations } = await api.delete<{ conversations: number }>('/api/v1/me/data');
            await queryClient.invalidateQueries();
            say(t('{{count}} chats are gone', { count: conversations }));
          }}
        />
      )}
    </>
  );
}
