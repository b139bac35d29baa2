import { type Prior, promptScore } from '../../shared/src/routing/prior.ts';
import { encode, qualityAt } from '../../shared/src/routing/quality-model.ts';
import { DataError } from './rows.ts';

/**
 * For each line `{id, prompt}` a line `{id, score, q}`: `score` says how much a strong model would help, `q` the predicted quality of
 * every model that the prior knows. It looks at the prompt alone. Throws a `DataError` that names the line.
 */
export function predict(prior: Prior, lines: string): string {
  return lines
    .split('\n')
    .flatMap((line, at) => (line.trim() === '' ? [] : [`${JSON.stringify(predictLine(prior, line, at + 1))}\n`]))
    .join('');
}

function predictLine(prior: Prior, line: string, number: number) {
  let row: { id?: unknown; prompt?: unknown };
  try {
    row = JSON.parse(line);
  } catch {
    throw new DataError(`Line ${number} is not JSON.`);
  }
  const { id, prompt } = row ?? {};
  if (id === undefined || typeof prompt !== 'string') throw new DataError(`Line ${number} must be {id, prompt}.`);
  const encoded = encode(prior.encoder, prompt);
  return {
    id,
    score: round(promptScore(prior, encoded, prompt.length)),
    q: Object.fromEntries([...prior.heads].map(([model, head]) => [model, round(qualityAt(head, encoded.state))])),
  };
}

const round = (value: number): number => Math.round(value * 1e6) / 1e6;
