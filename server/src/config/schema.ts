import { z } from 'zod';
import { capabilities } from '../core/model-info.ts';
import { providerKindNames } from '../core/provider-kind.ts';
import { wireNames } from '../core/wire-name.ts';
import { isAllowEntry } from '../egress/allow-list.ts';
import { alerts } from './alerts.ts';
import { auth } from './auth.ts';
import { budgets } from './budgets.ts';
import { cacheSection } from './cache.ts';
import { chat } from './chat.ts';
import { groupSchema, modelName } from './group.ts';
import { guardrails } from './guardrails.ts';
import { queue, rateLimits } from './rate-limits.ts';
import { secrets, trustedProxies } from './secrets.ts';
import { telemetry } from './telemetry.ts';

const capability = z.enum(capabilities);

/** The name of a provider or group. */
export const name = z
  .string()
  .regex(/^[A-Za-z0-9][\w.:-]*$/, 'Use letters, digits, dots, dashes, colons and underscores.');
const usd = z.number().nonnegative();
const milliseconds = z.number().int().positive();

/** US dollars for a million tokens. */
export const price = z.strictObject({
  input: usd.optional(),
  output: usd.optional(),
  cacheRead: usd.optional(),
  cacheWrite: usd.optional(),
  cacheWrite1h: usd.optional(),
  audioInput: usd.optional(),
  audioOutput: usd.optional(),
});

export const provider = z.strictObject({
  kind: z.enum(providerKindNames),
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
  apiKey: z.string().optional(),
  apiKeys: z
    .array(
      z.union([
        z.string(),
        z.strictObject({ id: name.optional(), key: z.string(), weight: z.number().positive().optional() }),
      ]),
    )
    .optional(),
  headers: z.record(z.string(), z.string()).optional(),
  wires: z.array(z.enum(wireNames)).min(1).optional(),
  options: z.record(z.string(), z.unknown()).optional(),
  firstByteMs: milliseconds.optional(),
  queue: queue.optional(),
});

const deployment = z.strictObject({
  provider: name,
  upstream: modelName.optional(),
  weight: z.number().positive().optional(),
});

/** What may be said of a model instead of what the catalogue says. */
export const modelFacts = {
  context: z.number().int().positive().optional(),
  maxOutput: z.number().int().positive().optional(),
  price: price.optional(),
  capabilities: z.array(capability).optional(),
};

export const modelFactsSchema = z.strictObject(modelFacts);

const model = z.strictObject({
  id: modelName,
  provider: name.optional(),
  upstream: modelName.optional(),
  aliases: z.array(modelName).optional(),
  deployments: z.array(deployment).min(1).optional(),
  fallbacks: z.array(modelName).optional(),
  queue: queue.optional(),
  ...modelFacts,
});

const limits = z.strictObject({
  bodyBytes: z.number().int().positive().default(33_554_432),
  firstByteMs: milliseconds.optional(),
  answerMs: milliseconds.optional(),
  idleMs: milliseconds.default(30_000),
  totalMs: milliseconds.default(900_000),
  keepAliveMs: milliseconds.default(15_000),
  stalledReaderMs: milliseconds.default(60_000),
  drainMs: milliseconds.default(30_000),
  lameDuckMs: z.number().int().nonnegative().default(0),
});

const allowEntry = z
  .string()
  .refine(isAllowEntry, 'Write a host, host:port or a network, like models.lan, 127.0.0.1:9000 or 10.1.0.0/16.');

/** The file `sluice.yaml`. Unknown fields are refused, so that a misspelt one is noticed. */
export const configSchema = z.strictObject({
  version: z
    .literal(1, 'This program reads version 1 of the file. Start the Sluice that it was written for.')
    .default(1),
  providers: z.record(name, provider).default({}),
  models: z.array(model).default([]),
  aliases: z.record(modelName, modelName).default({}),
  groups: z.record(name, groupSchema).default({}),
  limits: limits.default(() => limits.parse({})),
  rateLimits: rateLimits.default([]),
  retries: z
    .strictObject({
      attempts: z.number().int().min(1).max(3).default(3),
      cooldownMs: milliseconds.default(10_000),
      breakerFailures: z.number().int().positive().default(5),
      breakerOpenMs: milliseconds.default(10_000),
    })
    .default({ attempts: 3, cooldownMs: 10_000, breakerFailures: 5, breakerOpenMs: 10_000 }),
  budgets: budgets.default(() => budgets.parse({})),
  cache: cacheSection.default(() => cacheSection.parse({})),
  guardrails: guardrails.default(() => guardrails.parse({})),
  chat: chat.default(() => chat.parse({})),
  /** The model whose price `saved` is measured against; without it, the dearest model that was asked for. */
  baseline: modelName.optional(),
  discovery: z.boolean().default(true),
  /** Addresses that callers name are fetched only when they are public, or stand here. */
  egress: z.strictObject({ allow: z.array(allowEntry).default([]) }).default({ allow: [] }),
  logging: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
      prompts: z.boolean().default(false),
    })
    .default({ level: 'info', prompts: false }),
  alerts: alerts.default(() => alerts.parse({})),
  telemetry: telemetry.default(() => telemetry.parse({})),
  auth: auth.default(() => auth.parse({})),
  secrets: secrets.default(() => secrets.parse({})),
  trustedProxies: trustedProxies.default([]),
});

export type ConfigFile = z.infer<typeof configSchema>;
export type ModelSettings = z.infer<typeof model>;
