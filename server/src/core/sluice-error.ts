import { type ErrorCode, type ErrorRow, errorTable } from '../../../shared/src/errors.ts';

export interface ErrorFacts {
  /** The field at fault, as a path in the caller's own body, e.g. `messages[2].content`. */
  param?: string;
  /** How long to wait before trying again, in milliseconds. */
  retryAfterMs?: number;
  /** Replaces the table's status; only for a provider's own 4xx that is passed on. */
  status?: number;
  /** What the provider said of itself: never shown for credential faults. */
  upstream?: { provider: string; status?: number; code?: string; type?: string; requestId?: string };
  cause?: unknown;
}

/** The one error type: a row of the error table plus the facts that a reader needs. `message` is shown to the caller. */
export class SluiceError extends Error {
  override readonly name = 'SluiceError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly facts: ErrorFacts = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
  }

  get row(): ErrorRow {
    return errorTable[this.code];
  }

  get status(): number {
    return this.facts.status ?? this.row.status;
  }
}

/** Anything thrown becomes a SluiceError; what is not one already is an internal fault whose details stay in the log. */
export function toSluiceError(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  return new SluiceError('internal', 'The gateway failed while handling this request.', { cause: thrown });
}

/** A 400 that names the field at fault. */
export function invalidRequest(message: string, param?: string): SluiceError {
  return new SluiceError('invalid_request', message, param === undefined ? {} : { param });
}
