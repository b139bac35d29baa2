import type { CallEnd } from './http/gateway/deps.ts';
import type { Logger } from './observe/logger.ts';
import type { Metrics } from './observe/metrics.ts';
import type { Sentry } from './observe/sentry/sentry.ts';

export interface CallLogDeps {
  logger: Logger;
  metrics: Pick<Metrics, 'failed'>;
  /** Told of errors that nobody foresaw. */
  onUnexpected: Sentry['report'];
}

/** One line of the log for every call that ended, at the level of how it ended, and a count of those that failed. */
export const createCallLog =
  ({ logger, metrics, onUnexpected }: CallLogDeps) =>
  ({ requestId, dialect, operation, status, context, error, ms }: CallEnd): void => {
    const line = {
      requestId,
      dialect,
      operation,
      status,
      ms: Math.round(ms * 100) / 100,
      key: context?.principal.keyId,
      model: context?.facts.model,
      attempts: context?.facts.attempts.length,
      traceId: context?.trace?.traceId,
    };
    if (!error) {
      logger.access(line);
      return;
    }
    metrics.failed(dialect, error.code);
    const told = { ...line, error: error.code, message: error.message };
    if (status < 500) logger.access(told);
    else logger.error({ ...told, ...(error.code === 'internal' && { err: error.cause }) }, 'call failed');
    if (error.code === 'internal')
      onUnexpected(error.cause, { where: 'gateway', requestId, traceId: context?.trace?.traceId });
  };
