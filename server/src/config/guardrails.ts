import { z } from 'zod';
import { compileRule } from '../guard/compile.ts';
import { ruleFaults, ruleFields } from '../guard/rule.ts';
import { createSchemaCheck } from '../guard/schema-check.ts';

const endpointName = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'Use letters, digits, dots, dashes and underscores.');

const endpoint = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  form: z.enum(['openai', 'webhook']).default('openai'),
  apiKey: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
  timeoutMs: z.number().int().positive().max(60_000).default(3000),
});

/** The section `guardrails` of `sluice.yaml`: rules for everybody, and the endpoints that any rule may name. */
export const guardrails = z
  .strictObject({
    rules: z.array(ruleFields).max(200).default([]),
    moderation: z.record(endpointName, endpoint).default({}),
  })
  .superRefine(({ rules, moderation }, context) => {
    const names = new Set<string>();
    rules.forEach((rule, index) => {
      const fault = (message: string, ...path: string[]) =>
        context.addIssue({ code: 'custom', path: ['rules', index, ...path], message });
      for (const { path, message } of ruleFaults(rule)) fault(message, ...path);
      if (names.has(rule.name)) fault(`There are two rules called ${rule.name}.`, 'name');
      names.add(rule.name);
      if (rule.check.kind === 'moderation' && !Object.hasOwn(moderation, rule.check.endpoint))
        fault(`There is no guardrails.moderation.${rule.check.endpoint}.`, 'check', 'endpoint');
      const what = unusable(() => {
        compileRule({ ...rule, id: '' });
        if (rule.check.kind === 'schema' && rule.check.schema) createSchemaCheck(rule.check.schema);
      });
      if (what !== undefined) fault(what, 'check');
    });
  });

export type GuardrailSettings = z.infer<typeof guardrails>;

function unusable(attempt: () => void): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
