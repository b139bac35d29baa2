import { expect, test } from 'bun:test';
import { parseOptions, phases } from './options.ts';

test('without options everything is measured on a gateway of its own', () => {
  const options = parseOptions([]);
  expect([...options.only]).toEqual([...phases]);
  expect(options).toMatchObject({ quick: false, json: false, assert: false, paceMs: 1, mockPort: 0, save: true });
  expect(options.running).toBeUndefined();
});

test('--only picks phases and refuses one that it does not know', () => {
  expect([...parseOptions(['--only', 'json,memory']).only]).toEqual(['json', 'memory']);
  expect(() => parseOptions(['--only', 'json,speed'])).toThrow('--only does not know "speed"');
});

test('a running server needs its key and model, and the mock then listens where its configuration expects it', () => {
  const words = ['--url', 'http://127.0.0.1:8080', '--key', 'k', '--model', 'mock/tiny', '--pid', '42'];
  const options = parseOptions(words);
  expect(options.running).toMatchObject({ key: 'k', model: 'mock/tiny', pid: 42, crossModel: undefined });
  expect(options.mockPort).toBe(9001);
  expect(() => parseOptions(words.slice(0, 4))).toThrow('--model is needed');
  expect(() => parseOptions(['--url', 'https://example.org', '--key', 'k', '--model', 'm'])).toThrow('http: address');
});

test('a number that is none is refused, and so is an unknown option', () => {
  expect(() => parseOptions(['--pace-ms', '1.5'])).toThrow('--pace-ms takes a whole number');
  expect(() => parseOptions(['--fast'])).toThrow('--fast');
});

test('only a whole run is kept without being told', () => {
  expect(parseOptions(['--quick']).save).toBe(false);
  expect(parseOptions(['--only', 'json']).save).toBe(false);
  expect(parseOptions(['--quick', '--save']).save).toBe(true);
});
