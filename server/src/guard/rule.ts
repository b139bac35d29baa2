import { z } from 'zod';
import { longestPattern } from './detect/pattern.ts';

const name = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'Use letters, digits, dots, dashes and underscores, 64 at most.');

export const piiKinds = ['email', 'phone', 'card', 'iban', 'national-id', 'ip'] as const;
export type PiiKind = (typeof piiKinds)[number];

const languages = z.array(z.string().regex(/^[a-z]{2}$/, 'Write languages as two letters, like en.')).min(1);
const label = z.string().regex(/^[A-Z][A-Z0-9_]{0,31}$/, 'Use capitals, digits and underscores.');

/** What a rule looks for. */
export const checkSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('pii'),
    detect: z.array(z.enum(piiKinds)).min(1).default(['email', 'phone', 'card', 'iban', 'national-id']),
  }),
  z.strictObject({ kind: z.literal('secrets'), entropy: z.boolean().default(false) }),
  z.strictObject({
    kind: z.literal('keywords'),
    words: z.array(z.string().trim().min(1).max(200)).min(1).max(5000),
    label: label.optional(),
  }),
  z.strictObject({
    kind: z.literal('regex'),
    patterns: z.array(z.string().min(1).max(longestPattern)).min(1).max(20),
    ignoreCase: z.boolean().default(false),
    label: label.optional(),
  }),
  z.strictObject({
    kind: z.literal('image-links'),
    allowHosts: z.array(z.string().min(1).max(253)).max(200).default([]),
  }),
  z.strictObject({ kind: z.literal('injection'), threshold: z.number().int().min(1).max(100).default(50) }),
  z.strictObject({
    kind: z.literal('size'),
    maxCharacters: z.number().int().positive().optional(),
    maxTokens: z.number().int().positive().optional(),
    maxMessages: z.number().int().positive().optional(),
  }),
  z.strictObject({ kind: z.literal('language'), allow: languages.optional(), deny: languages.optional() }),
  z.strictObject({
    kind: z.literal('schema'),
    schema: z.record(z.string(), z.unknown()).optional(),
    repair: z.boolean().default(true),
    holdStreams: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('moderation'),
    endpoint: name,
    categories: z.array(z.string().min(1).max(100)).min(1).optional(),
    threshold: z.number().min(0).max(1).optional(),
    onFailure: z.enum(['open', 'closed']).default('closed'),
  }),
]);

export type Check = z.output<typeof checkSchema>;

export const guardActions = ['block', 'redact', 'mask', 'flag', 'route'] as const;
export type GuardAction = (typeof guardActions)[number];

export const guardRoles = ['system', 'user', 'assistant', 'tool'] as const;
export type GuardRole = (typeof guardRoles)[number];

export const ruleFields = z.strictObject({
  name,
  on: z.enum(['input', 'output', 'both']).default('input'),
  check: checkSchema,
  action: z.enum(guardActions),
  /** Where a `route` rule sends the call. */
  route: z.strictObject({ localOnly: z.boolean().optional(), group: z.string().min(1).max(200).optional() }).optional(),
  /** Whose words are looked at; all, unless it is said. `system` includes the descriptions of tools. */
  roles: z.array(z.enum(guardRoles)).min(1).optional(),
  /** Only calls of this key, of this team, or of this group of models. */
  keyId: z.string().min(1).max(100).optional(),
  teamId: z.string().min(1).max(100).optional(),
  group: z.string().min(1).max(200).optional(),
  enabled: z.boolean().default(true),
});

/** A rule as people write it. */
export const ruleSchema = ruleFields.superRefine((rule, context) => {
  for (const { path, message } of ruleFaults(rule)) context.addIssue({ code: 'custom', path, message });
});

export type Rule = z.output<typeof ruleFields>;
export type RuleInput = z.input<typeof ruleFields>;

const findsPlaces: readonly Check['kind'][] = ['pii', 'secrets', 'keywords', 'regex', 'image-links'];

/** What cannot be meant, each with the field at fault. */
export function ruleFaults({ check, action, on, route }: Pick<Rule, 'check' | 'action' | 'on' | 'route'>) {
  const faults: { path: string[]; message: string }[] = [];
  const fault = (message: string, ...path: string[]) => faults.push({ path, message });
  const { kind } = check;
  if ((action === 'redact' || action === 'mask') && !findsPlaces.includes(kind))
    fault(`A rule of the kind ${kind} finds no place in a text to ${action}. Use block, flag or route.`, 'action');
  if (action === 'mask' && on !== 'input')
    fault('Masks are put into the input and taken out of the answer. Say on: input, or use redact.', 'on');
  if (action === 'route') {
    if (on !== 'input') fault('Only the input can decide where a call goes. Say on: input.', 'on');
    if (!route?.localOnly && route?.group === undefined) fault('Say where to: localOnly, group, or both.', 'route');
  } else if (route) fault('Only a rule with the action route has a route.', 'route');
  if (kind === 'injection' && on !== 'input') fault('Injections are looked for in the input. Say on: input.', 'on');
  if (kind === 'schema' && on !== 'output') fault('A schema is checked in the answer. Say on: output.', 'on');
  if (kind === 'schema' && action !== 'block' && action !== 'flag')
    fault('An answer that does not fit its schema can be blocked or flagged.', 'action');
  if (
    kind === 'size' &&
    check.maxCharacters === undefined &&
    check.maxTokens === undefined &&
    check.maxMessages === undefined
  )
    fault('Say what is too much: maxCharacters, maxTokens or maxMessages.', 'check');
  if (kind === 'size' && on !== 'input' && check.maxCharacters === undefined)
    fault('Of an answer only the characters are counted: say maxCharacters, or on: input.', 'check');
  if (kind === 'language' && !check.allow === !check.deny)
    fault('Say either which languages are allowed or which are denied.', 'check');
  return faults;
}
