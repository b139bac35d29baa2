import { asNumber, type JsonObject } from '../../../core/json.ts';
import type { Generation } from './generate-value.ts';

const familiar = new Map(
  Object.entries({
    age: 36,
    year: 2025,
    quantity: 2,
    count: 3,
    price: 19.99,
    rating: 4,
    score: 0.8,
  }),
);

/** A number within the schema's bounds: one from the user's words, the schema's default, or a sample. */
export function generateNumber(schema: JsonObject, name: string, integer: boolean, generation: Generation): number {
  const step = asNumber(schema.multipleOf) ?? (integer ? 1 : 0);
  const gap = step > 0 ? step : 0.5;
  const exclusiveMin = asNumber(schema.exclusiveMinimum);
  const exclusiveMax = asNumber(schema.exclusiveMaximum);
  const low = Math.max(asNumber(schema.minimum) ?? -Infinity, exclusiveMin ?? -Infinity);
  const high = Math.min(asNumber(schema.maximum) ?? Infinity, exclusiveMax ?? Infinity);
  const fits = (value: number) =>
    value >= low &&
    value <= high &&
    value !== exclusiveMin &&
    value !== exclusiveMax &&
    (!integer || Number.isInteger(value)) &&
    (step <= 0 || Math.abs(value / step - Math.round(value / step)) < 1e-9);

  const answer = generation.options.answer?.number;
  if (answer !== undefined && fits(answer) && /answer|result|output|value|sum|total|product/i.test(name)) return answer;
  const hint = generation.hints.number(name, fits);
  if (hint) {
    if (hint.strong) generation.found.count++;
    return hint.value;
  }
  const usual = asNumber(schema.default) ?? familiar.get(name.toLowerCase()) ?? 1;
  const start = usual + (generation.variation + (generation.attempt >> 1)) * gap;
  for (const value of [start, usual, low + gap, low, high - gap, high, (low + high) / 2, 0]) {
    for (const near of step > 0
      ? [Math.round(value / step) * step, Math.ceil(value / step) * step, Math.floor(value / step) * step]
      : [value]) {
      const clean = Number(near.toPrecision(12));
      if (Number.isFinite(clean) && fits(clean)) return clean;
    }
  }
  return Number.isFinite(low) ? low : 0;
}
