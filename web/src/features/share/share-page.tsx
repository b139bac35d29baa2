import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ChatMessage } from '../../../../shared/src/chat.ts';
import { api } from '../../api/client.ts';
import { when } from '../../ui/format.ts';
import { Failed, Loading } from '../../ui/states.tsx';
import { Wordmark } from '../../ui/wordmark.tsx';
import { MessageView } from '../chat/message-view.tsx';

interface SharedChat {
  title: string;
  createdAt: string;
  messages: ChatMessage[];
}

/** A chat as somebody shared it: to read, by whoever has the link. */
export function SharePage() {
  const { t, i18n } = useTranslation();
  const { token } = useParams({ strict: false }) as { token: string };
  const shared = useQuery({
    queryKey: ['shared', token],
    queryFn: () => api.get<SharedChat>(`/api/v1/shared/${encodeURIComponent(token)}`),
    retry: false,
  });
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-14 items-center border-b border-line px-4 sm:px-6">
        <Wordmark />
      </header>
      <main className="scrollbar-quiet min-h-0 flex-1 overflow-y-auto">
        {shared.isPending && <Loading />}
        {shared.error && <Failed error={shared.error} />}
        {shared.data && (
          <div className="mx-auto flex max-w-3xl flex-col gap-6 px-4 py-8 sm:px-6">
            <div>
              <h1 className="text-xl font-semibold tracking-tight">{shared.data.title}</h1>
              <p className="mt-1 text-sm text-quiet">
                {t('Shared on {{time}}. Answers are written by models and can be wrong.', {
                  time: when(shared.data.createdAt, i18n.language),
                })}
              </p>
            </div>
            {shared.data.messages.map((message) => (
              <MessageView key={message.id} message={message} siblings={[message]} />
            ))}
          </div>
        )}
      </main>
    </div>
  );
}
