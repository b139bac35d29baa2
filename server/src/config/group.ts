import { z } from 'zod';

export const modelName = z.string().min(1).max(200);

const member = z.union([modelName, z.strictObject({ model: modelName, weight: z.number().positive().optional() })]);

export const nameOf = (given: z.infer<typeof member>): string => (typeof given === 'string' ? given : given.model);

/** A routing group, in `sluice.yaml` and in the database. */
export const groupSchema = z
  .strictObject({
    models: z.array(member).min(1, 'Name at least one model.').max(1000),
    purpose: z.string().max(1000).optional(),
    strategy: z
      .enum(['ordered', 'weighted', 'cheapest', 'fastest', 'complexity', 'learned', 'cascade', 'classifier'])
      .optional(),
    thresholds: z
      .array(z.number().gt(0).max(1))
      .min(1)
      .max(100)
      .refine((scores) => scores.every((score, at) => at === 0 || score > scores[at - 1]!), 'Thresholds must ascend.')
      .optional(),
    tau: z.number().gt(0).max(1).optional(),
    floor: z.number().min(0).max(1).optional(),
    default: modelName.optional(),
    verifier: modelName.optional(),
    classifier: modelName.optional(),
    minLogprob: z.number().max(0).optional(),
  })
  .refine(({ strategy, thresholds }) => thresholds === undefined || strategy === 'complexity', {
    message: 'Only the strategy `complexity` has thresholds.',
    path: ['thresholds'],
  })
  .refine(
    ({ strategy, tau, floor, default: asked }) => (tau ?? floor ?? asked) === undefined || strategy === 'learned',
    { message: 'Only the strategy `learned` has tau, floor and default.', path: ['strategy'] },
  )
  .refine(({ strategy, verifier, minLogprob }) => (verifier ?? minLogprob) === undefined || strategy === 'cascade', {
    message: 'Only the strategy `cascade` has verifier and minLogprob.',
    path: ['strategy'],
  })
  .refine(({ strategy, classifier }) => (classifier !== undefined) === (strategy === 'classifier'), {
    message: 'The strategy `classifier`, and no other, names a classifier.',
    path: ['classifier'],
  })
  .refine(({ models, default: asked }) => asked === undefined || models.some((each) => nameOf(each) === asked), {
    message: 'The default must be one of the models.',
    path: ['default'],
  });

export type GroupSettings = z.infer<typeof groupSchema>;
