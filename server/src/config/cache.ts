import { z } from 'zod';

const month = 30 * 24 * 3600;
const ttlSeconds = z.number().int().min(1).max(month);
const scope = z.enum(['organisation', 'key', 'user']);
const modelName = z.string().min(1).max(200);
/** Below this, texts that mean other things are taken for the same. */
const threshold = z.number().min(0.5).max(1);

const exactFields = { enabled: z.boolean(), ttlSeconds, sampled: z.boolean() };
const semanticFields = { enabled: z.boolean(), model: modelName, threshold, ttlSeconds };

const exact = z.strictObject({
  enabled: exactFields.enabled.default(false),
  ttlSeconds: exactFields.ttlSeconds.default(3600),
  maxBytes: z.number().int().min(0).default(67_108_864),
  sampled: exactFields.sampled.default(true),
});

const semantic = z.strictObject({
  enabled: semanticFields.enabled.default(false),
  model: semanticFields.model.optional(),
  threshold: semanticFields.threshold.default(0.97),
  ttlSeconds: semanticFields.ttlSeconds.default(3600),
  maxBytes: z.number().int().min(0).default(67_108_864),
});

/** The section `cache` of the file. */
export const cacheSection = z
  .strictObject({
    exact: exact.default(() => exact.parse({})),
    semantic: semantic.default(() => semantic.parse({})),
    scope: scope.default('user'),
  })
  .refine(({ semantic: { enabled, model } }) => !enabled || model !== undefined, {
    message: 'The semantic cache needs an embedding model: name one.',
    path: ['semantic', 'model'],
  });

/** What an organisation may say otherwise than the file. What it leaves out is as the file says. */
export const cacheOverride = z.strictObject({
  exact: z.strictObject(exactFields).partial().optional(),
  semantic: z.strictObject(semanticFields).partial().optional(),
  scope: scope.optional(),
});
