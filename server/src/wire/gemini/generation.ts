/**
 * The generation of a Gemini model by its name, e.g. 2.5 for `gemini-2.5-flash`; undefined when the name does not tell.
 * The `-latest` aliases always stand for a current model, which is 3 or newer.
 */
export function generationOf(model: string): number | undefined {
  const match = /gemini-(\d+(?:\.\d+)?)/.exec(model);
  if (match) return Number(match[1]);
  return /gemini-.*-latest$/.test(model) ? 3 : undefined;
}

/** Whether it is Gemini 3 or newer: thinking levels, checked thought signatures, media in function responses. */
export const isGeneration3 = (model: string): boolean => (generationOf(model) ?? 0) >= 3;
