import file from './prior.json' with { type: 'json' };
import { type Prior, type PriorFile, readPrior } from './prior.ts';

let prior: Prior | undefined;

/** The prior that comes with the program, read once. `npm run evals -- train` makes it anew. */
export const shippedPrior = (): Prior => (prior ??= readPrior(file as unknown as PriorFile));
