import type { ChatCall } from '../../core/call.ts';
import { type Mode, modeOfName } from '../../core/mode.ts';
import type { Principal } from '../../core/principal.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import type { Dialect } from '../../core/wire-name.ts';
import { matchesModel } from '../../policy/authorise.ts';
import type { InboundWire } from '../../wire/wire.ts';

export interface Wish {
  dialect: Dialect;
  /** The body as it would be sent, in the words of its dialect. */
  request: Record<string, unknown>;
  /** Models, aliases or groups; without them, the request's own `model`. */
  models?: string[];
  /** As `x-sluice-mode` would say it; else what the model's name says. */
  mode?: Mode;
}

/**
 * A call that somebody asks about and that is not made, with the names that it is about. Throws `invalid_request` where it is
 * malformed, names no model, or names one that the key may not use.
 */
export function wishedCall(
  wires: Record<Dialect, InboundWire>,
  principal: Principal,
  { dialect, request, models, mode }: Wish,
): { call: ChatCall; names: string[] } {
  const names = models ?? (typeof request.model === 'string' ? [request.model] : []);
  const [model] = names;
  if (model === undefined) throw invalidRequest('Name `models`, or a `model` in the request.', 'models');
  for (const name of names) {
    if (principal.models && !matchesModel(principal.models, name))
      throw invalidRequest(`The key may not use the model ${JSON.stringify(name)}.`, 'models');
  }
  const parsed = wires[dialect].parseRequest({ ...request, model }, { model, stream: false });
  return {
    call: {
      operation: 'chat',
      dialect,
      model,
      mode: mode ?? modeOfName(model),
      stream: false,
      request: parsed,
      passHeaders: {},
    },
    names,
  };
}
