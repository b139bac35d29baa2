import { asArray, asNumber, type JsonObject } from '../../../core/json.ts';
import { pick } from '../random.ts';
import { nameWords } from '../words.ts';
import { formatSample } from './format-sample.ts';
import type { Generation } from './generate-value.ts';
import { matches, matchesPattern } from './matches.ts';
import { isCheap, parsePattern, samplePattern } from './pattern.ts';

const mostCharacters = 65_536;
const answerNames = /^(answer|response|reply|result|output|summary|explanation|message|text|content)$/;

const people = ['Ada Lovelace', 'Alan Turing', 'Grace Hopper', 'Edsger Dijkstra', 'Katherine Johnson'];
const samples = new Map<string, readonly string[]>(
  Object.entries({
    name: people,
    author: people,
    person: people,
    title: ['A First Example', 'A Second Example', 'A Third Example'],
    city: ['Paris', 'London', 'Tokyo', 'Berlin', 'Nairobi'],
    location: ['Paris', 'London', 'Tokyo', 'Berlin', 'Nairobi'],
    country: ['France', 'United Kingdom', 'Japan', 'Germany', 'Kenya'],
    email: ['ada@example.com', 'alan@example.com', 'grace@example.com'],
    url: ['https://example.com/', 'https://example.org/'],
    phone: ['+1-555-0100', '+1-555-0101'],
    color: ['blue', 'green', 'red', 'yellow'],
    colour: ['blue', 'green', 'red', 'yellow'],
    language: ['English', 'French', 'Spanish'],
    currency: ['EUR', 'USD', 'JPY'],
    unit: ['metre', 'second', 'kilogram'],
    id: ['item-1', 'item-2', 'item-3'],
    tag: ['example', 'sandbox', 'offline'],
    reason: ['Chosen by the offline sandbox.', 'Made up by the offline sandbox.'],
  }),
);

/** A string within the schema's bounds: from the user's words, the schema's default or examples, or a sample. */
export function generateString(schema: JsonObject, name: string, generation: Generation): string {
  const format = typeof schema.format === 'string' ? schema.format : undefined;
  const valid = (text: string) => fits(schema, text);
  // Halved, so that every branch of a choice is tried with more than one value.
  const turn = generation.variation + (generation.attempt >> 1);

  const hint =
    generation.attempt < 2 ? generation.hints.string(name, String(schema.description ?? ''), format) : undefined;
  if (hint?.strong && valid(hint.value)) {
    generation.found.count++;
    return hint.value;
  }
  const answer = generation.options.answer?.text;
  if (answer !== undefined && nameWords(name).some((word) => answerNames.test(word)) && !format && valid(answer))
    return answer;
  if (hint && valid(hint.value)) return hint.value;
  for (const usual of [schema.default, ...asArray(schema.examples)])
    if (typeof usual === 'string' && valid(usual)) return usual;
  if (format) {
    const sample = formatSample(format, turn);
    if (sample !== undefined && valid(sample)) return sample;
  }
  const shortest = Math.min(asNumber(schema.minLength) ?? 0, mostCharacters);
  if (typeof schema.pattern === 'string') {
    const pattern = parsePattern(schema.pattern);
    if (pattern) return samplePattern(pattern, turn, shortest);
  }
  const words = nameWords(name);
  const list = samples.get(words.at(-1) ?? '');
  const sample = list ? pick(list, turn) : `example ${words.join(' ')}`.trim() + (turn > 0 ? ` ${turn + 1}` : '');
  return fitLength(sample, shortest, asNumber(schema.maxLength) ?? Infinity);
}

function fits(schema: JsonObject, text: string): boolean {
  if (!matches(true, { minLength: schema.minLength, maxLength: schema.maxLength }, text)) return false;
  if (typeof schema.pattern !== 'string') return true;
  const pattern = parsePattern(schema.pattern);
  // What cannot be checked safely is not taken from the user's words.
  return pattern !== undefined && isCheap(pattern) && matchesPattern(schema.pattern, text);
}

function fitLength(text: string, shortest: number, longest: number): string {
  const padded = text.length < shortest ? text + '.'.repeat(shortest - text.length) : text;
  return padded.slice(0, longest);
}
