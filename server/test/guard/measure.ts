// Processor time of guardrails by kind and length: node scripts/bun.mjs server/test/guard/measure.ts

import { createAnswerEditor } from '../../src/guard/answer-editor.ts';
import type { GuardRule } from '../../src/guard/compile.ts';
import { inspectInput } from '../../src/guard/inspect-input.ts';
import { rule } from '../../src/guard/testing.ts';
import { createTextStream } from '../../src/guard/text-stream.ts';
import { guardInput } from '../../src/policy/guard-input.ts';
import { callContext, chatCall, frameOf } from '../support/calls.ts';

const prose =
  'The harbour master writes that on 14 March 2026 the order 4829-1137 left at 09:30, for 1,299.00 in all. Please check version 2.4.1 of the list, and tell the crew (room 4.12) what it says about the weather. ';
const personal = `${prose}Write to anna.lindt@example.com or call +49 30 1234567; the card was 4111 1111 1111 1111. `;
const ofLength = (text: string, length: number) => text.repeat(Math.ceil(length / text.length)).slice(0, length);

const input = (check: GuardRule['check'], action: GuardRule['action'] = 'flag') => rule({ check, action, on: 'input' });
const pii = input({ kind: 'pii', detect: ['email', 'phone', 'card', 'iban', 'national-id'] });
const secrets = input({ kind: 'secrets', entropy: false });
const words = input({
  kind: 'keywords',
  words: Array.from({ length: 100 }, (_, index) => `forbidden phrase ${index}`),
});
const patterns = input({ kind: 'regex', patterns: ['EMP-\\d{6}\\b', 'case [A-Z]{2}\\d+'], ignoreCase: false });
const injection = input({ kind: 'injection', threshold: 50 });
const language = input({ kind: 'language', deny: ['xx'] });
const size = input({ kind: 'size', maxCharacters: 10_000_000 });

/** Median microseconds of processor time for one run. */
function microseconds(run: () => unknown, budgetMs = 400): number {
  for (let warm = 0; warm < 20; warm++) run();
  const rounds: number[] = [];
  const until = performance.now() + budgetMs;
  while (performance.now() < until || rounds.length < 9) {
    const runs = 5;
    const before = process.cpuUsage();
    const began = performance.now();
    for (let count = 0; count < runs; count++) run();
    const wall = (performance.now() - began) * 1000;
    const { user, system } = process.cpuUsage(before);
    // cpuUsage counts in steps that are too coarse for a short run.
    rounds.push((user + system > 2000 ? Math.min(user + system, wall) : wall) / runs);
  }
  return rounds.sort((a, b) => a - b)[rounds.length >> 1]!;
}

const show = (name: string, ...values: number[]) =>
  console.log(
    name.padEnd(44),
    ...values.map((value) => (value < 10 ? value.toFixed(2) : value.toFixed(0)).padStart(10)),
  );

console.log('microseconds of a call'.padEnd(44), '      1 KB', '    100 KB');
const kinds: [string, GuardRule[], string][] = [
  ['pii, nothing in it', [pii], prose],
  ['pii, dense with finds', [pii], personal],
  ['secrets', [secrets], prose],
  ['100 keywords', [words], prose],
  ['2 patterns (RE2)', [patterns], prose],
  ['injection', [injection], prose],
  ['language', [language], prose],
  ['size', [size], prose],
  ['pii + secrets + injection', [pii, secrets, injection], prose],
  ['all of them', [pii, secrets, words, patterns, injection, language, size], prose],
];
for (const [name, rules, text] of kinds) {
  const calls = [1024, 102_400].map((length) =>
    chatCall({ messages: [{ role: 'user', content: ofLength(text, length) }] }),
  );
  show(name, ...calls.map((call) => microseconds(() => inspectInput(call, rules))));
}

const policy = (rules: GuardRule[]) =>
  guardInput({
    rulesFor: () => ({ input: rules, output: [] }),
    groupOf: () => undefined,
    readerOf: () => () => undefined,
    moderate: () => Promise.reject(new Error('not here')),
    guardAnswer: (frames) => frames,
    isGuarded: () => false,
  });
const context = callContext();
const call = chatCall();
const frames = async function* () {
  yield frameOf('x');
};
const off = policy([]);
show(
  'the policy without any rule',
  microseconds(() => {
    for (let count = 0; count < 1000; count++) off(call, context, frames);
  }) / 1000,
);

console.log('\nmicroseconds of a delta of 4 characters in a stream');
const answer = ofLength(prose, 4000).match(/[\s\S]{4}/g)!;
for (const [name, rules] of [
  ['pii', [pii]],
  ['secrets', [secrets]],
  ['pii + secrets', [pii, secrets]],
  ['100 keywords', [words]],
  ['2 patterns (RE2)', [patterns]],
] as const) {
  const editor = createAnswerEditor(rules, () => {});
  show(
    name,
    microseconds(() => {
      const stream = createTextStream(editor, 'text');
      for (const piece of answer) stream.push(piece);
      stream.end();
    }) / answer.length,
  );
}

console.log('\nmicroseconds for 100 KB that were made to be slow');
const every = [pii, secrets, words, patterns, injection];
for (const piece of [
  '-eyJ',
  'xoxb-',
  'a@',
  '1 ',
  '+1(',
  '-----BEGIN PRIVATE KEY-----',
  '![a](http://',
  'ignore all previous ',
  'DE89 3704 ',
  '00',
  'sk-',
  '<img src=',
  '4111-',
])
  show(
    JSON.stringify(piece),
    microseconds(
      () => inspectInput(chatCall({ messages: [{ role: 'user', content: `${ofLength(piece, 102_399)}_` }] }), every),
      100,
    ),
  );
