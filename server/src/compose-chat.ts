import { createChatService } from './chat/chat-service.ts';
import { createConversationService } from './chat/conversation-service.ts';
import { createFileService } from './chat/file-service.ts';
import { createGenerationLogs } from './chat/generation-log.ts';
import { createGenerations, type Generations } from './chat/generations.ts';
import { ownerOf } from './chat/owner.ts';
import { createRedisLines } from './chat/redis-lines.ts';
import type { Principal } from './core/principal.ts';
import { SluiceError } from './core/sluice-error.ts';
import type { Watchdog } from './core/watchdog.ts';
import type { ChatDeps } from './http/platform/chat/index.ts';
import type { Logger } from './observe/logger.ts';
import type { FeedbackService } from './policy/learning/feedback-service.ts';
import { mayUseModel } from './policy/may-use-model.ts';
import type { Next } from './policy/pipeline.ts';
import type { Bus } from './realtime/bus.ts';
import type { Setup } from './setup.ts';
import { createChatStore } from './store/chat-store.ts';
import type { Sql } from './store/database.ts';
import { createFileStore } from './store/file-store.ts';
import { createFolderStore } from './store/folder-store.ts';
import { createPreferenceStore } from './store/preference-store.ts';
import { createPromptStore } from './store/prompt-store.ts';
import type { SharedRedis } from './store/redis.ts';
import { createShareStore } from './store/share-store.ts';

export interface ChatComposeDeps {
  setup(): Setup;
  sql(): Promise<Sql>;
  isOpen(): boolean;
  replicas: { bus: Bus };
  redis: SharedRedis | undefined;
  run: Next;
  watchdog: Watchdog;
  feedback: FeedbackService;
  logger: Logger;
}

const tidyEveryMs = 60_000;
/** A maker writes about every second; one that was not heard of for so long is gone. */
const unheardMs = 12_000;
const listenEveryMs = 4000;

/** What the app needs beside the gateway: conversations, and answers that belong to the server. */
export function composeChat({
  setup,
  sql,
  isOpen,
  replicas,
  redis,
  run,
  watchdog,
  feedback,
  logger,
}: ChatComposeDeps): Pick<Generations, 'settled' | 'cutShort'> & { routes: ChatDeps; close(): Promise<void> } {
  const store = createChatStore(sql);
  const folders = createFolderStore(sql);
  const files = createFileStore(sql);
  const prompts = createPromptStore(sql);
  const preferences = createPreferenceStore(sql);
  const shares = createShareStore(sql);
  const onFault = (error: unknown) => logger.error({ err: error }, 'an answer of a chat could not be kept or shared');
  const generations = createGenerations({
    run,
    watchdog,
    totalMs: () => setup().config.limits.totalMs,
    logs: createGenerationLogs({ ...(redis && { shared: createRedisLines(redis) }), onFault }),
    announceStop: (id, organisationId) =>
      replicas.bus.publish({ action: 'generation.stop', organisationId, target: { kind: 'generation', id } }),
    save: (id, answer) => store.updateMessage(id, answer),
    onFault,
  });
  replicas.bus.subscribe(['generation'], ({ target }) => target && generations.stopHere(target.id));

  const conversations = createConversationService({
    store,
    folders,
    shares,
    giveFeedback: feedback.give,
  });

  /** Answers whose maker died are called interrupted. */
  async function listen(): Promise<void> {
    if (isOpen()) await store.interrupt(new Date(Date.now() - unheardMs));
  }
  /** What is over goes. */
  async function tidy(): Promise<void> {
    if (!isOpen()) return;
    const now = Date.now();
    const { retentionDays } = setup().config.chat;
    await files.removeUnused(new Date(now - 86_400_000));
    await store.removeExpired(
      new Date(now),
      retentionDays === undefined ? undefined : new Date(now - retentionDays * 86_400_000),
    );
  }
  const timers = [
    setInterval(() => void tidy().catch(onFault), tidyEveryMs),
    setInterval(() => void listen().catch(onFault), listenEveryMs),
  ];
  for (const timer of timers) timer.unref?.();

  async function removeAll(principal: Principal): Promise<{ conversations: number }> {
    const owner = ownerOf(principal);
    const count = await store.removeAll(owner);
    await folders.removeAll(owner);
    await files.removeAll(owner);
    await prompts.removeAll(owner);
    await preferences.remove(owner);
    return { conversations: count };
  }

  return {
    routes: {
      chat: {
        watchdog,
        service: createChatService({
          store,
          folders,
          files,
          preferences,
          generations,
          checkModel: (principal, model) => checkModel(setup(), principal, model),
          temporaryHours: () => setup().config.chat.temporaryHours,
        }),
      },
      conversations,
      folders,
      files: {
        service: createFileService({ store: files, folders, quotaBytes: () => setup().config.chat.quotaBytes }),
        fileBytes: () => setup().config.chat.fileBytes,
      },
      prompts,
      personal: { preferences, removeAll },
    },
    settled: generations.settled,
    cutShort: generations.cutShort,
    async close() {
      for (const timer of timers) clearInterval(timer);
      await generations.close();
    },
  };
}

/** A name that leads nowhere, or that is not theirs to use, is refused before anything is written down. */
function checkModel({ registry }: Setup, principal: Principal, model: string): void {
  registry.resolve(model);
  if (mayUseModel(principal, model, registry.groupOf)) return;
  throw new SluiceError('forbidden', `You may not use the model ${JSON.stringify(model)}.`, { param: 'model' });
}
