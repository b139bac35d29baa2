import { didYouMeanModel } from '../../suggest.ts';

export interface ModelChoice {
  model: string;
  /** What to tell the person. */
  told: string;
}

const shown = 10;

/** What `/model <wanted>` comes to, when `model` answers so far: a name, or a part of one that only one has. */
export function chooseModel(wanted: string | undefined, model: string, ids: readonly string[]): ModelChoice {
  const stay = (told: string): ModelChoice => ({ model, told });
  if (wanted === undefined) {
    const others = ids.filter((id) => id !== model);
    return stay(`${model} answers. Others: ${listed(others) || 'none'}.`);
  }
  const matching = ids.includes(wanted) ? [wanted] : ids.filter((id) => id.includes(wanted));
  if (matching.length > 1) return stay(`Which one? ${listed(matching)}`);
  // A provider may serve what it does not list, so a full name is believed.
  const chosen = matching[0] ?? (wanted.includes('/') ? wanted : undefined);
  if (chosen === undefined) return stay(`There is no model ${wanted}. ${didYouMeanModel(wanted, ids) ?? ''}`.trimEnd());
  return { model: chosen, told: `${chosen} answers from now on.` };
}

const listed = (ids: readonly string[]): string =>
  ids.slice(0, shown).join(', ') + (ids.length > shown ? ` and ${ids.length - shown} more (sluice models)` : '');
