import { describe, expect, test } from 'bun:test';
import { cardDetector } from '../detect/card.ts';
import { emailDetector } from '../detect/email.ts';
import { ibanDetector } from '../detect/iban.ts';
import { ipDetector } from '../detect/ip.ts';
import { nationalIdDetector } from '../detect/national-id.ts';
import { phoneDetector } from '../detect/phone.ts';
import { createSecretDetector } from '../detect/secrets.ts';
import type { SpanDetector } from '../span.ts';
import { cleanTexts } from './clean-texts.ts';
import { piiSamples } from './pii.ts';
import type { Sample } from './sample.ts';
import { entropySamples, secretSamples } from './secrets.ts';

export interface Quality {
  precision: number;
  recall: number;
  wrong: string[];
  missed: string[];
}

/** A find counts when it is exactly what was labelled: half a number is wrong and leaves the other half. */
function measure(detector: SpanDetector, positives: readonly Sample[], others: readonly Sample[]): Quality {
  let right = 0;
  const wrong: string[] = [];
  const missed: string[] = [];
  for (const { text, finds } of [...positives, ...others]) {
    const left = [...finds];
    for (const { start, end } of detector.find(text)) {
      const found = text.slice(start, end);
      const at = left.indexOf(found);
      if (at === -1) wrong.push(`${found} in ${text.slice(0, 80)}`);
      else {
        left.splice(at, 1);
        right++;
      }
    }
    missed.push(...left);
  }
  return { precision: right / (right + wrong.length), recall: right / (right + missed.length), wrong, missed };
}

const clean = cleanTexts.map((text) => ({ text, finds: [] }));
/** The positives of the other kinds are hard negatives too: a card is no phone number. */
const othersThan = (kind: string): Sample[] =>
  Object.entries(piiSamples)
    .filter(([other]) => other !== kind)
    .flatMap(([, samples]) => samples)
    .map(({ text }) => ({ text, finds: [] }));

/**
 * With the least precision and recall that is accepted. What is left: a range written like a number of the North American plan,
 * and one written like a Social Security number, which nobody can tell from the real thing.
 */
const detectors: [string, SpanDetector, readonly Sample[], Sample[], number][] = [
  ['email', emailDetector, piiSamples.email, [...clean, ...othersThan('email')], 1],
  ['phone', phoneDetector, piiSamples.phone, [...clean, ...othersThan('phone')], 0.94],
  ['card', cardDetector, piiSamples.card, [...clean, ...othersThan('card')], 1],
  ['iban', ibanDetector, piiSamples.iban, [...clean, ...othersThan('iban')], 1],
  ['national-id', nationalIdDetector, piiSamples['national-id'], [...clean, ...othersThan('national-id')], 0.9],
  ['ip', ipDetector, piiSamples.ip, [...clean, ...othersThan('ip')], 1],
  ['secrets', createSecretDetector(), secretSamples, [...clean, ...othersThan('')], 1],
];

describe.each(detectors)('%s', (_name, detector, positives, others, precision) => {
  test('finds all that is labelled and next to nothing else', () => {
    const quality = measure(detector, positives, others);
    expect(quality.missed).toEqual([]);
    if (precision === 1) expect(quality.wrong).toEqual([]);
    expect(quality.precision).toBeGreaterThanOrEqual(precision);
  });
});

test('with entropy random strings are found too, and hashes, ids and names are not', () => {
  const { recall, precision, wrong } = measure(createSecretDetector({ entropy: true }), entropySamples, [
    ...clean,
    ...othersThan(''),
  ]);
  expect(recall).toBe(1);
  expect(wrong.length).toBeLessThan(3);
  expect(precision).toBeGreaterThan(0.7);
});
