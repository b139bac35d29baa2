/** Words that say nothing of what a sentence is about. */
export const stopWords = new Set(
  `a an and any are as at be both but by call can could do does for from get give go has have how i if in into is it its
  json just let like make me my need next no not now of off on once only or our out please reply respond return say set
  should show so some tell than that the their them then there these they this those to today tomorrow tonight tool tools
  too up us use using very want was we were what whats when where which who will with would yes you your yesterday`.split(
    /\s+/,
  ),
);

/** `getCurrentWeather`, `get_current-weather` → get, current, weather. */
export const nameWords = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/** The words of a sentence in lower case, cut to their stem, without the empty ones. */
export function distinctiveStems(text: string): Set<string> {
  const stems = new Set<string>();
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
    if (word.length > 1 && !stopWords.has(word)) stems.add(stem(word));
  return stems;
}

/** A rough English stem: enough that `booking`, `booked` and `books` meet `book`. */
export function stem(word: string): string {
  if (word.length < 4) return word;
  for (const ending of ['ings', 'ing', 'ies', 'ed', 'es', 's'])
    if (word.endsWith(ending) && word.length - ending.length >= 3) {
      const root = word.slice(0, -ending.length);
      return ending === 'ies'
        ? `${root}y`
        : /(.)\1$/.test(root) && !/(ll|ss)$/.test(root)
          ? root.slice(0, -1)
          : root.replace(/e$/, '');
    }
  return word.replace(/e$/, '');
}

export const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The text without one pair of quotation marks, backticks or asterisks round it. */
export function unquote(text: string): string {
  const match = /^(?:"([^"]*)"|'(.*)'|“([^”]*)”|‘([^’]*)’|«([^»]*)»|`([^`]*)`|\*\*(.+)\*\*)[.!?]?$/s.exec(text);
  return match ? (match.slice(1).find((group) => group !== undefined) ?? text) : text;
}
