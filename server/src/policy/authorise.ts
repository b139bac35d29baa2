import { SluiceError } from '../core/sluice-error.ts';
import type { Policy } from './pipeline.ts';

/** Whether one of the patterns names the model; a pattern may end in `*`. */
export const matchesModel = (patterns: readonly string[], model: string): boolean =>
  patterns.some((pattern) => (pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : model === pattern));

/** Refuses a model that the key may not use, and any call while its cost could not be written down. */
export const authoriseCall = ({ ledger }: { ledger: { isWritable(): boolean } }): Policy =>
  function authoriseCall(call, context, next) {
    const { models, keyName } = context.principal;
    if (models && !matchesModel(models, call.model)) {
      throw new SluiceError(
        'forbidden',
        `The key ${JSON.stringify(keyName)} may not use the model ${JSON.stringify(call.model)}. It may use ${models.join(', ')}.`,
      );
    }
    if (!ledger.isWritable()) {
      throw new SluiceError(
        'unavailable',
        'The ledger cannot be written (is the disk full?), so calls that cost money are refused.',
        { retryAfterMs: 5000 },
      );
    }
    return next(call, context);
  };
