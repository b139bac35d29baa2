import { useInfiniteQuery } from '@tanstack/react-query';
import { Download, ScrollText } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, query } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { when } from '../../ui/format.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Empty, Failed, Loading } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';

interface Entry {
  seq: number;
  at: string;
  actorName: string;
  action: string;
  targetKind: string;
  targetId: string;
  detail: Record<string, unknown>;
  hash: string;
}

/** Who changed what, and who logged in. */
export default function AuditPage() {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState<Entry>();
  const pages = useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam }) =>
      api.get<{ data: Entry[]; next: string | null }>(
        `/api/v1/audit${query({ limit: 200, cursor: pageParam ?? undefined })}`,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const rows = (pages.data?.pages ?? []).flatMap(({ data }) => data);
  return (
    <>
      <PageHead
        title={t('Audit')}
        lead={t('Every change and every sign-in, each chained to the one before it, so that tampering shows.')}
      >
        <Button nativeButton={false} render={<a href="/api/v1/audit/export?format=csv" download />}>
          <Download className="size-4" /> CSV
        </Button>
      </PageHead>
      {pages.isPending && <Loading />}
      {pages.error && <Failed error={pages.error} retry={() => void pages.refetch()} />}
      {pages.data &&
        (rows.length === 0 ? (
          <Empty icon={ScrollText} title={t('Nothing was changed yet')} />
        ) : (
          <Table<Entry>
            label={t('Audit')}
            rows={rows}
            keyOf={({ seq }) => String(seq)}
            onOpen={setOpen}
            columns={[
              { name: t('Time'), width: '11rem', cell: ({ at }) => when(at, i18n.language) },
              { name: t('Who'), width: '1fr', cell: ({ actorName }) => actorName },
              { name: t('What'), width: '1fr', cell: ({ action }) => action },
              { name: t('To what'), width: '1.5fr', cell: ({ targetKind, targetId }) => `${targetKind} ${targetId}` },
            ]}
          />
        ))}
      {pages.hasNextPage && (
        <Button className="mt-3" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('Show more')}
        </Button>
      )}
      {open && (
        <Dialog
          open
          onOpenChange={() => setOpen(undefined)}
          wide
          title={open.action}
          description={`${open.actorName} · ${when(open.at, i18n.language)}`}
        >
          <pre className="scrollbar-quiet mb-3 overflow-x-auto rounded-control bg-sunken p-3 font-mono text-xs">
            {JSON.stringify(open.detail, null, 2)}
          </pre>
        </Dialog>
      )}
    </>
  );
}
