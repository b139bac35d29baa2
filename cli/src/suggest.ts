/** The candidate that was probably meant, or undefined when none is near. Case does not matter. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const asked = word.toLowerCase();
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(asked, candidate.toLowerCase());
    if (!best || distance < best.distance) best = { candidate, distance };
  }
  // One slip in a short word, two in a middling one, a third of a long one.
  return best && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined;
}

/** `Did you mean …?`, or undefined when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const guess = nearest(word, candidates);
  return guess === undefined ? undefined : `Did you mean \`${guess}\`?`;
}

/** `Did you mean …?` for a model; people leave the provider out more often than they misspell it. */
export function didYouMeanModel(model: string, ids: readonly string[]): string | undefined {
  const ownName = (id: string) => id.slice(id.indexOf('/') + 1);
  const near = nearest(ownName(model), ids.map(ownName));
  const meant = ids.find((id) => ownName(id) === near);
  return meant === undefined ? undefined : `Did you mean \`${meant}\`?`;
}

/** Inserted, left out, replaced and swapped letters (optimal string alignment). */
function editDistance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= from.length; row++) {
    const above = rows[row - 1]!;
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(above[column]! + 1, current[column - 1]! + 1, above[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        cost = Math.min(cost, rows[row - 2]![column - 2]! + 1);
      }
      current.push(cost);
    }
    rows.push(current);
  }
  return rows[from.length]![to.length]!;
}
