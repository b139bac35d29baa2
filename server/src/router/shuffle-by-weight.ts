/** A random order in which heavier items tend to come first (Efraimidis and Spirakis 2006: sort by u^(1/w)). */
export function shuffleByWeight<T extends { weight: number }>(items: readonly T[], random: () => number): readonly T[] {
  if (items.length < 2) return items;
  return items
    .map((item) => ({ item, key: random() ** (1 / item.weight) }))
    .sort((a, b) => b.key - a.key)
    .map(({ item }) => item);
}
