import { hashText } from '../random.ts';
import type { Ask, Reply } from './ask.ts';

const lists: Record<string, readonly string[]> = {
  colou: ['Red', 'Blue', 'Green', 'Yellow', 'Purple', 'Orange', 'Teal', 'Brown', 'White', 'Black'],
  color: ['Red', 'Blue', 'Green', 'Yellow', 'Purple', 'Orange', 'Teal', 'Brown', 'White', 'Black'],
  fruit: ['Apple', 'Banana', 'Cherry', 'Mango', 'Orange', 'Pear', 'Plum', 'Grape', 'Kiwi', 'Peach'],
  animal: ['Dog', 'Cat', 'Horse', 'Elephant', 'Owl', 'Whale', 'Fox', 'Tortoise', 'Bee', 'Otter'],
  planet: ['Mercury', 'Venus', 'Earth', 'Mars', 'Jupiter', 'Saturn', 'Uranus', 'Neptune'],
  countr: ['France', 'Japan', 'Kenya', 'Brazil', 'Canada', 'India', 'Norway', 'Egypt', 'Peru', 'Australia'],
  cit: ['Paris', 'Tokyo', 'Nairobi', 'Lima', 'Toronto', 'Mumbai', 'Oslo', 'Cairo', 'Berlin', 'Sydney'],
  language: ['Python', 'TypeScript', 'Rust', 'Go', 'Java', 'Haskell', 'Ruby', 'Swift', 'Kotlin', 'C'],
  day: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
  month: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
  name: ['Ada', 'Alan', 'Grace', 'Edsger', 'Katherine', 'Donald', 'Barbara', 'Tim', 'Radia', 'Ken'],
};
const numbers: Record<string, number> = {
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
};

const listRequest = new RegExp(
  String.raw`\b(?:list|name|give(?: me)?|tell me|what are|write)\b[^.?\n]{0,20}?\b(?:(\d{1,2}|${Object.keys(numbers).join('|')}) )?(?:\w+ ){0,2}?(${Object.keys(lists).join('|')})(?:r|ies|y)?s\b`,
);

/** `Name three colours`, `list 5 fruits as a JSON array`. */
export function listReply(ask: Ask): Reply | undefined {
  const match = listRequest.exec(ask.lower);
  if (!match) return undefined;
  const all = lists[match[2]!]!;
  const count = Math.min(match[1] === undefined ? 5 : (numbers[match[1]] ?? Number(match[1])), all.length);
  const start = /^(?:day|month|planet)/.test(match[2]!) ? 0 : ask.variation % all.length;
  const items = Array.from({ length: count }, (_, index) => all[(start + index) % all.length]!);
  if (/\bjson\b/.test(ask.lower)) return { text: JSON.stringify(items), exact: true };
  if (/\bcomma/.test(ask.lower)) return { text: items.join(', '), exact: true };
  if (/\bbullet/.test(ask.lower)) return { text: items.map((item) => `- ${item}`).join('\n'), exact: ask.brief };
  return { text: items.map((item, index) => `${index + 1}. ${item}`).join('\n'), exact: ask.brief };
}

const first = ['Velvet', 'Copper', 'Quiet', 'Electric', 'Paper', 'Northern', 'Golden', 'Hollow', 'Silver', 'Wandering'];
const second = [
  'Harbour',
  'Sparrows',
  'Thunder',
  'Lanterns',
  'Orbit',
  'Gardens',
  'Machines',
  'Tides',
  'Foxes',
  'Static',
];

/** `Invent a band name`, `suggest a name for my cat`: two words, others for another seed. */
export function inventName(ask: Ask): Reply | undefined {
  if (!/\b(?:invent|suggest|create|come up with|make up|think of)\b.{0,40}\bname\b/.test(ask.lower)) return undefined;
  const turn = hashText(ask.lower) + ask.variation;
  const name = `${first[turn % first.length]} ${second[Math.floor(turn / first.length + ask.variation) % second.length]}`;
  return { text: name, exact: ask.brief };
}
