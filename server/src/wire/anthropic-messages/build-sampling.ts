import type { JsonObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import type { Building } from './building.ts';
import { lose } from './lose.ts';

/** `temperature`, `top_p` and `top_k`, as far as the model takes them beside thinking. Never clamps. */
export function buildSampling({ request, model, traits, losses }: Building, thinks: boolean): JsonObject {
  const { temperature, topP, topK } = request;
  if (temperature !== undefined && (temperature < 0 || temperature > 1)) {
    throw invalidRequest(
      `\`temperature\` is ${temperature}, but this model takes 0 to 1. Send a value in that range.`,
      'temperature',
    );
  }
  if (model.temperature === false || traits.sampling === 'none') {
    const reason = 'this model does not let its sampling be set';
    if (temperature !== undefined && temperature !== 1) lose(losses, 'temperature', reason);
    if (topP !== undefined && topP !== 1) lose(losses, 'top_p', reason);
    if (topK !== undefined) lose(losses, 'top_k', reason);
    return {};
  }
  const body: JsonObject = {};
  if (temperature !== undefined) {
    if (thinks && temperature !== 1) lose(losses, 'temperature', 'cannot be set while the model thinks');
    else body.temperature = temperature;
  }
  if (topP !== undefined) {
    if (thinks && topP < 0.95) lose(losses, 'top_p', 'must be at least 0.95 while the model thinks');
    else if (traits.sampling !== 'one' || body.temperature === undefined) body.top_p = topP;
    else if (topP !== 1) lose(losses, 'top_p', 'this model takes `temperature` or `top_p`, not both');
  }
  if (topK !== undefined) {
    if (thinks) lose(losses, 'top_k', 'cannot be set while the model thinks');
    else body.top_k = topK;
  }
  return body;
}
