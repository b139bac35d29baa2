import { SluiceError, toSluiceError } from '../core/sluice-error.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Policy } from './pipeline.ts';

/** One ledger row a call, whatever happens to it: an answer, a fault, or a caller who hung up. */
export const recordCall = ({ ledger }: { ledger: Pick<Ledger, 'settle'> }): Policy =>
  async function* recordCall(call, context, next) {
    let error: SluiceError | undefined;
    let ended = false;
    try {
      yield* next(call, context);
      ended = true;
      error = context.facts.error;
    } catch (thrown) {
      error = toSluiceError(thrown);
      throw error;
    } finally {
      // Left in the middle: nobody reads any more. Many close right after the last event, which is no hang-up.
      if (!ended && !context.facts.complete) error ??= new SluiceError('client_closed', 'The caller hung up.');
      ledger.settle({ call, context, error });
    }
  };
