import { Buffer } from 'node:buffer';
import type { JsonObject } from '../../core/json.ts';
import { embed } from './embed.ts';
import { invalid, SandboxFault } from './fault.ts';
import { embeddingModel } from './models.ts';
import { missing, readNumber, readString, readWord, wrongType } from './read-field.ts';
import { countTokens } from './tokenizer.ts';

const mostInputs = 2048;

/** Answers an embeddings body (https://platform.openai.com/docs/api-reference/embeddings/create). Throws `SandboxFault`. */
export function answerEmbeddings(body: JsonObject, upstream: string): Response {
  const model = readString(body, 'model') ?? upstream;
  if (model !== embeddingModel.id)
    throw new SandboxFault(404, `The sandbox has no embedding model '${model}'; it has ${embeddingModel.id}.`, {
      param: 'model',
      code: 'model_not_found',
    });
  const inputs = readInputs(body.input);
  const range = { min: 1, max: embeddingModel.dimensions, integer: true };
  const dimensions = readNumber(body, 'dimensions', range) ?? embeddingModel.dimensions;
  const base64 = readWord(body, 'encoding_format', ['float', 'base64'] as const) === 'base64';
  let tokens = 0;
  const data = inputs.map((input, index) => {
    const count = typeof input === 'string' ? countTokens(input) : input.length;
    if (count > embeddingModel.context)
      throw invalid(
        `Input ${index} has ${count} tokens; ${embeddingModel.context} is the maximum.`,
        'input',
        'context_length_exceeded',
      );
    tokens += count;
    // Token ids cannot be turned back into words, so each id is taken as a word of its own.
    const vector = embed(typeof input === 'string' ? input : input.join(' '), dimensions);
    return { object: 'embedding', index, embedding: base64 ? toBase64(vector) : [...vector].map(shorten) };
  });
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return new Response(JSON.stringify({ object: 'list', data, model, usage }), {
    headers: { 'content-type': 'application/json', 'x-sandbox': model },
  });
}

/** One text, several texts, one list of token ids or several of those: always a list of inputs, none empty. */
function readInputs(input: unknown): (string | number[])[] {
  if (input == null) throw missing('input');
  if (typeof input === 'string' || isTokenIds(input)) return [readInput(input, 'input')];
  if (!Array.isArray(input)) throw wrongType('input', 'a string or an array', input);
  if (input.length === 0) throw invalid("'input' must not be empty.", 'input');
  if (input.length > mostInputs)
    throw invalid(`At most ${mostInputs} inputs are allowed.`, 'input', 'array_above_max_length');
  return input.map((item, index) => readInput(item, `input[${index}]`));
}

function readInput(input: unknown, param: string): string | number[] {
  if (typeof input !== 'string' && !isTokenIds(input))
    throw wrongType(param, 'a string or an array of token ids', input);
  if (input.length === 0) throw invalid("'input' must not be empty.", param);
  return input;
}

const isTokenIds = (input: unknown): input is number[] =>
  Array.isArray(input) && input.length > 0 && input.every((item) => typeof item === 'number');

const shorten = (value: number): number => Number(value.toFixed(8));

// OpenAI sends little-endian 32-bit floats.
function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
