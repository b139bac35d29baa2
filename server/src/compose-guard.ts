import type { ComposedReplicas } from './compose-replicas.ts';
import type { GuardrailSettings } from './config/guardrails.ts';
import type { CallContext, ModelCall } from './core/call.ts';
import type { Frame } from './core/frame.ts';
import type { Freshness } from './core/fresh.ts';
import type { Egress } from './egress/client.ts';
import { compileRule, type GuardRule } from './guard/compile.ts';
import { moderate } from './guard/moderation.ts';
import type { Logger } from './observe/logger.ts';
import { createGuardrailService } from './policy/guard/guardrail-service.ts';
import type { AskModeration } from './policy/guard/moderate-texts.ts';
import { createRuleReader } from './policy/guard/read-rules.ts';
import { createRuleSets } from './policy/guard/rule-set.ts';
import { guardInput } from './policy/guard-input.ts';
import { createOutputGuard } from './policy/guard-output.ts';
import type { Setup } from './setup.ts';
import type { AuditedChange } from './store/audit-store.ts';
import type { Sql } from './store/database.ts';
import { createGuardrailStore } from './store/guardrail-store.ts';
import { readAnswerFrame } from './wire/answer-texts/read-frame.ts';

export interface GuardDeps {
  /** How old what the database says may be. */
  fresh: Freshness;
  setup(): Setup;
  sql(): Promise<Sql>;
  isOpen(): boolean;
  audited: AuditedChange;
  replicas: ComposedReplicas;
  /** The way out to endpoints that the operator configured. */
  egress: Egress;
  logger: Logger;
}

/** Guardrails: the policies for input and output, and what administrators set. */
export function composeGuard({ fresh, setup, sql, isOpen, audited, replicas, egress, logger }: GuardDeps) {
  const store = createGuardrailStore(sql);
  const sets = createRuleSets({
    load: createRuleReader((organisationId) => store.list(organisationId)),
    gatewayRules,
    isOpen,
    onFault: (error) => logger.error({ err: error }, 'the guardrails of an organisation could not be read'),
    ...fresh,
  });
  replicas.bus.subscribe(['guardrail'], ({ organisationId }) => sets.forget(organisationId));

  let read: { settings: GuardrailSettings; rules: GuardRule[] } | undefined;
  function gatewayRules(): readonly GuardRule[] {
    const settings = setup().config.guardrails;
    if (read?.settings !== settings)
      read = { settings, rules: settings.rules.map((rule) => compileRule({ ...rule, id: `gateway/${rule.name}` })) };
    return read.rules;
  }

  const ask: AskModeration = async ({ endpoint, ...wish }, signal) => {
    const configured = setup().config.guardrails.moderation[endpoint];
    if (!configured) throw new Error(`There is no guardrails.moderation.${endpoint} any more.`);
    try {
      return await moderate(egress, configured, wish, signal);
    } catch (error) {
      logger.error({ err: error, endpoint }, 'a moderation endpoint failed');
      throw error;
    }
  };

  const shared = {
    rulesFor: ({ principal }: CallContext) => sets.of(principal),
    groupOf: (model: string) => setup().registry.groupOf(model),
    readerOf: (call: ModelCall) => (frame: Frame) => readAnswerFrame(frame, call.dialect, call.stream),
    moderate: ask,
  };
  const output = createOutputGuard(shared);

  return {
    input: guardInput({ ...shared, guardAnswer: output.guardAnswer, isGuarded: output.isGuarded }),
    output: output.policy,
    platform: {
      service: createGuardrailService({
        store,
        audited,
        endpoints: () => Object.keys(setup().config.guardrails.moderation),
      }),
      gatewayRules,
    },
  };
}
