/** Class names that hold, with spaces between. */
export const cn = (...names: (string | false | null | undefined)[]): string => names.filter(Boolean).join(' ');
