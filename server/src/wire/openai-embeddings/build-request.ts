import type { EmbeddingsRequest } from '../../core/embeddings.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import { SluiceError } from '../../core/sluice-error.ts';

/** The fields of a Gemini caller's contents that hold more than text, as gemini-embeddings keeps them. */
const mediaField = 'requests[].content';

/** A request as a body of POST /v1/embeddings. Throws `unsupported_capability` for inputs that hold media. */
export function buildRequest(request: EmbeddingsRequest, upstream: string): { body: JsonObject; losses: Loss[] } {
  const losses: Loss[] = [];
  const gemini = request.extensions.gemini ?? {};
  if (mediaField in gemini)
    throw new SluiceError('unsupported_capability', 'This model embeds text only. Send contents without media.', {
      param: mediaField,
    });
  const [first] = request.inputs;
  const body: JsonObject = { model: upstream, input: request.batch || !first ? request.inputs : first };
  // Servers that imitate OpenAI may not know the field; floats are the default everywhere.
  if (request.encodingFormat === 'base64') body.encoding_format = 'base64';
  if (request.dimensions !== undefined) body.dimensions = request.dimensions;
  if (request.endUser !== undefined) body.user = request.endUser;
  if (request.taskType !== undefined) losses.push({ field: 'taskType', reason: 'OpenAI has no kinds of task' });
  if (request.title !== undefined) losses.push({ field: 'title', reason: 'OpenAI has no title of an input' });
  for (const field of Object.keys(gemini)) losses.push({ field, reason: 'OpenAI has no such field' });
  return { body: { ...body, ...request.extensions.openai }, losses };
}
