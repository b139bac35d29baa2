import type { z } from 'zod';
import { invalidRequest } from '../../core/sluice-error.ts';

/** A zod message that reads on after the field's path: `max_tokens` + ` must be a whole number`, or ` is required`. */
export const must =
  (be: string) =>
  (issue: { input?: unknown }): string =>
    issue.input === undefined ? 'is required' : `must be ${be}`;

/** The value as the schema types it. Throws `invalid_request` with one sentence and the path of the field at fault. */
export function check<T>(schema: z.ZodType<T>, value: unknown, path = ''): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const param = joinPath(path, issue.path);
  throw invalidRequest(
    param === '' ? `The body ${issue.message}.` : `\`${param}\` ${issue.message}.`,
    param || undefined,
  );
}

/** A field that is wrong in a way no schema says. */
export const wrong = (path: string, message: string) => invalidRequest(`\`${path}\` ${message}.`, path);

function joinPath(start: string, rest: readonly PropertyKey[]): string {
  let path = start;
  for (const step of rest) {
    if (typeof step === 'number') path += `[${step}]`;
    else path += path === '' ? String(step) : `.${String(step)}`;
  }
  return path;
}
