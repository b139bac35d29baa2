import { useTranslation } from 'react-i18next';
import type { ChatMessage } from '../../../../shared/src/chat.ts';
import { Button } from '../../ui/button.tsx';
import { cn } from '../../ui/cn.ts';
import { type MessageHandlers, MessageView } from './message-view.tsx';
import { useModelName } from './model-picker.tsx';

/** Answers to one question side by side; the chat goes on from the one that is chosen. */
export function CompareColumns({
  shown,
  compared,
  handlers,
}: {
  shown: ChatMessage;
  compared: ChatMessage[];
  handlers?: MessageHandlers;
}) {
  return (
    <div className="scrollbar-quiet -mx-4 flex snap-x gap-3 overflow-x-auto px-4 pb-1 @5xl:-mx-24 @7xl:-mx-40">
      {compared.map((message) => (
        <Column key={message.id} message={message} chosen={message.id === shown.id} handlers={handlers} />
      ))}
    </div>
  );
}

function Column({ message, chosen, handlers }: { message: ChatMessage; chosen: boolean; handlers?: MessageHandlers }) {
  const { t } = useTranslation();
  const name = useModelName(message.metadata.asked ?? '');
  return (
    <section
      aria-label={name}
      className={cn(
        'flex min-w-[min(20rem,85vw)] flex-1 snap-center flex-col gap-3 rounded-card border bg-raised p-4',
        chosen ? 'border-accent' : 'border-line',
      )}
    >
      <header className="flex items-center gap-2">
        <h3 className="min-w-0 flex-1 truncate text-sm font-medium">{name}</h3>
        {handlers && (
          <Button
            size="small"
            look={chosen ? 'primary' : 'plain'}
            aria-pressed={chosen}
            onClick={() => handlers.show(message.id)}
          >
            {chosen ? t('Goes on here') : t('Go on with this')}
          </Button>
        )}
      </header>
      <MessageView message={message} siblings={[message]} handlers={handlers} />
    </section>
  );
}
