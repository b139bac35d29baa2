import { SluiceError } from '../../core/sluice-error.ts';

/** Sends a request to a secret manager. */
export type Send = (request: Request) => Promise<Response>;

export interface ManagerAnswer {
  status: number;
  headers: Headers;
  /** The body as JSON; undefined when it is none. */
  body: unknown;
}

const timeoutMs = 10_000;
const mostBytes = 1024 * 1024;

/**
 * One request to a secret manager. Rejects with `unavailable` when it does not answer; the error names the manager and never
 * what was sent, nor what came back.
 */
export async function askManager(send: Send, manager: string, url: string, init: RequestInit): Promise<ManagerAnswer> {
  try {
    const response = await send(
      new Request(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) }),
    );
    const text = await response.text();
    if (text.length > mostBytes) throw new Error('its answer is too long');
    return { status: response.status, headers: response.headers, body: tryParse(text) };
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    throw unavailable(manager, `could not be reached${typeof code === 'string' ? ` (${code})` : ''}`);
  }
}

/** A fault of a secret manager, in words that hold no secret. */
export const unavailable = (manager: string, what: string): SluiceError =>
  new SluiceError('unavailable', `${manager} ${what}.`, { retryAfterMs: 10_000 });

/** A member of an object as text; rejects when it is not there. Numbers and the like are written as JSON. */
export function memberOf(manager: string, value: unknown, field: string): string {
  const member =
    typeof value === 'object' && value !== null && Object.hasOwn(value, field)
      ? (value as Record<string, unknown>)[field]
      : undefined;
  if (member === undefined || member === null)
    throw unavailable(manager, `has no field ${JSON.stringify(field)} in this secret`);
  return typeof member === 'string' ? member : JSON.stringify(member);
}

/** A secret's text, or a member of the JSON object that it is. */
export function fieldOf(manager: string, text: string, field: string | undefined): string {
  return field === undefined ? text : memberOf(manager, tryParse(text), field);
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
