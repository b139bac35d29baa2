import type { ModelCall } from './core/call.ts';
import type { Watchdog } from './core/watchdog.ts';
import type { Logger } from './observe/logger.ts';
import { createBackgroundCall } from './policy/background-call.ts';
import { classifyIntent } from './policy/classify/classify-intent.ts';
import { createFeedbackService } from './policy/learning/feedback-service.ts';
import { learnRouting } from './policy/learning/learn-routing.ts';
import { createLearningMemory } from './policy/learning/learning-memory.ts';
import { createLearningService } from './policy/learning/learning-service.ts';
import { createSampleWriter } from './policy/learning/sample-writer.ts';
import { createShadow } from './policy/learning/shadow.ts';
import type { Next } from './policy/pipeline.ts';
import type { Bus } from './realtime/bus.ts';
import type { QualityBook } from './router/learned/quality-book.ts';
import type { Setup } from './setup.ts';
import type { AuditedChange } from './store/audit-store.ts';
import type { Sql } from './store/database.ts';
import { createLearningStore } from './store/learning-store.ts';

export interface LearningDeps {
  setup(): Setup;
  sql(): Promise<Sql>;
  isOpen(): boolean;
  audited: AuditedChange;
  replicas: { bus: Bus };
  run(): Next;
  watchdog: Watchdog;
  quality: QualityBook;
  classifierOf(call: ModelCall): string | undefined;
  logger: Logger;
}

/** Learning from an organisation's own traffic: the policy, what administrators set, and feedback. */
export function composeLearning({
  setup,
  sql,
  isOpen,
  audited,
  replicas,
  run,
  watchdog,
  quality,
  classifierOf,
  logger,
}: LearningDeps) {
  const onFault = (error: unknown) => logger.error({ err: error }, 'something could not be learned from a call');
  const store = createLearningStore(sql);
  const writer = createSampleWriter(store, onFault);
  const memory = createLearningMemory({
    store,
    isOpen,
    onFault,
    startOf(model) {
      const found = setup().registry.findModel(model);
      return found && quality.modelOf(found.model.info).head;
    },
  });
  replicas.bus.subscribe(['routing-learning'], ({ organisationId }) => memory.forget(organisationId));
  const background = createBackgroundCall({ run, watchdog });
  const shadow = createShadow({
    ask: background.ask,
    store,
    writer,
    onFault,
    random: Math.random,
  });
  return {
    /** For groups that choose by what a classifier says. */
    classify: classifyIntent({ ask: background.ask, classifierOf, onFault }),
    policy: learnRouting({ memory, writer, shadow, store, onFault, random: Math.random }),
    service: createLearningService({
      store,
      memory,
      writer,
      audited,
      isModel: (name) => setup().registry.findModel(name) !== undefined,
    }),
    feedback: createFeedbackService({ store, writer }),
    async close(): Promise<void> {
      background.close();
      await shadow.drain();
      await writer.flush();
    },
  };
}
