import type { Ask, Reply } from './ask.ts';

const most = 1000;
const words: Record<string, number> = { three: 3, five: 5, ten: 10, twenty: 20, hundred: 100 };
const number = String.raw`(-?\d{1,6}|${Object.keys(words).join('|')})`;
const upTo = new RegExp(
  String.raw`\b(?:count|numbers)\b(?: (?:up|out loud|slowly))* (?:from ${number} )?(?:up )?to ${number}\b`,
  'i',
);
const between = new RegExp(
  String.raw`\b(?:list|write|print|give|output)\b.{0,30}\bnumbers? (?:from |between )?${number} (?:to|and|through|-) ${number}\b`,
  'i',
);
const down = new RegExp(String.raw`\bcount(?:ing)? ?down from ${number}(?: to ${number})?`, 'i');

/** `Count to 5`, `count from 10 to 20`, `count down from 3`: at most 1,000 numbers. */
export function counting(ask: Ask): Reply | undefined {
  const downward = down.exec(ask.text);
  const match = downward ?? upTo.exec(ask.text) ?? between.exec(ask.text);
  if (!match) return undefined;
  const value = (text: string | undefined) =>
    text === undefined ? undefined : (words[text.toLowerCase()] ?? Number(text));
  const from = value(match[1]) ?? 1;
  const to = value(match[2]) ?? 1;
  const step = from <= to ? 1 : -1;
  const numbers = Array.from({ length: Math.min(Math.abs(to - from) + 1, most) }, (_, index) => from + index * step);
  const separator = /\b(?:lines?|newline)\b/i.test(ask.text) ? '\n' : /\bspaces?\b/i.test(ask.text) ? ' ' : ', ';
  return { text: numbers.join(separator), ...(ask.brief && { exact: true }) };
}
