import type { ModelCall } from '../core/call.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { lacks } from '../identity/authorise.ts';

export { matchesModel } from './may-use-model.ts';

import { describeUsable, type GroupOf, mayUseModel } from './may-use-model.ts';
import type { Policy } from './pipeline.ts';

export interface AuthoriseDeps {
  ledger: { isWritable(): boolean };
  /** The configured group that a name leads to. */
  groupOf?: GroupOf;
}

/** Refuses who may call no model at all, a model that the key may not use, and any call while its cost could not be written down. */
export const authoriseCall = ({ ledger, groupOf = () => undefined }: AuthoriseDeps): Policy =>
  function authoriseCall(call, context, next) {
    const { keyName, permissions, operator } = context.principal;
    if (!operator && !permissions.has('models:use')) throw lacks(context.principal, 'models:use');
    if (!mayUseModel(context.principal, call.model, groupOf)) {
      throw new SluiceError(
        'forbidden',
        `The key ${JSON.stringify(keyName)} may not use the model ${JSON.stringify(call.model)}. It may use ${describeUsable(context.principal)}.`,
      );
    }
    if (!ledger.isWritable()) {
      throw new SluiceError(
        'unavailable',
        'The ledger cannot be written (is the disk full?), so calls that cost money are refused.',
        { retryAfterMs: 5000 },
      );
    }
    return next(context.principal.scopes?.localOnly ? kept(call) : call, context);
  };

/** The call of a key that stays on the operator's own machines. */
const kept = (call: ModelCall): ModelCall => ({
  ...call,
  constraints: { ...call.constraints, localOnly: true, because: call.constraints?.because ?? 'the key' },
});
