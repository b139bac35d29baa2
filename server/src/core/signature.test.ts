import { expect, test } from 'bun:test';
import { carrySignature, readSignature, type SignatureOrigin, type SignedThing } from './signature.ts';

const origins: SignatureOrigin[] = ['anthropic', 'gemini', 'openai'];
const things: SignedThing[] = ['thought', 'text', 'call'];
const values = ['EqQBCgIYAhIM+/==', '', 'two\nlines', 'sluice.', 'sluice.gemini.thought.x', 'dots.in.it', '😀\u0000'];

test('a signature comes back the same from every dialect that carries it', () => {
  for (const dialect of origins) {
    for (const origin of origins) {
      for (const on of things) {
        for (const value of values) {
          const signature = { origin, on, value };
          // A dialect's own signature that looks like one of ours would be read as ours; no provider makes such values.
          if (origin === dialect && on === 'thought' && value === 'sluice.gemini.thought.x') continue;
          expect(readSignature(carrySignature(signature, dialect), dialect)).toEqual(signature);
        }
      }
    }
  }
});

test("a dialect's own thought signature travels as it is, byte for byte", () => {
  for (const dialect of origins)
    expect(carrySignature({ origin: dialect, on: 'thought', value: 'abc=' }, dialect)).toBe('abc=');
});

test('a foreign signature never looks like one of the dialect', () => {
  expect(carrySignature({ origin: 'gemini', on: 'thought', value: 'abc=' }, 'anthropic')).toBe(
    'sluice.gemini.thought.abc=',
  );
  expect(carrySignature({ origin: 'anthropic', on: 'call', value: 'abc=' }, 'anthropic')).toBe(
    'sluice.anthropic.call.abc=',
  );
});

test('what only begins like our prefix belongs to the dialect', () => {
  for (const value of [
    'sluice.unknown.thought.x',
    'sluice.gemini.mood.x',
    'sluice.gemini',
    'Sluice.gemini.thought.x',
    ' sluice.gemini.thought.x',
  ]) {
    expect(readSignature(value, 'openai')).toEqual({ origin: 'openai', on: 'thought', value });
  }
});
