import type { ListPrice } from '../../../../shared/src/list-price.ts';
import type { Model, ModelFacts } from '../../api/types.ts';

const amounts = ['input', 'output', 'cacheRead', 'cacheWrite'] as const;
const sizes = ['context', 'maxOutput'] as const;

/**
 * What is sent when a form about a model is saved: what it changes, and what an operator said before, since the server
 * replaces the whole. A price is replaced whole too, with the figures that the form has no field for. Undefined when
 * there is nothing to send.
 */
export function modelToSave(before: Model, fields: Record<string, string>): ModelFacts | undefined {
  const number = (name: string) => (fields[name]?.trim() ? Number(fields[name]) : undefined);
  const change: ModelFacts = {};
  for (const name of sizes) if (number(name) !== before[name]) change[name] = number(name);
  if (amounts.some((name) => number(name) !== before.price?.[name])) {
    const given: ListPrice = Object.fromEntries(amounts.map((name) => [name, number(name)]));
    // With all of them empty the catalogue's price holds: nothing of another is left to be mixed into it.
    change.price = amounts.some((name) => given[name] !== undefined) ? { ...before.price, ...given } : undefined;
  }
  if (Object.keys(change).length === 0) return undefined;
  const facts = { ...before.said, ...change };
  return before.said || Object.values(facts).some((value) => value !== undefined) ? facts : undefined;
}
