import { expect, test } from 'bun:test';
import { contains, isNetwork, isWithin } from './network.ts';

test.each([
  ['10.1.2.3', '10.1.0.0/16', true],
  ['10.2.0.1', '10.1.0.0/16', false],
  ['192.0.2.7', '192.0.2.7', true],
  ['192.0.2.8', '192.0.2.7', false],
  ['::ffff:10.1.2.3', '10.1.0.0/16', true],
  ['::ffff:a01:203', '10.1.0.0/16', true],
  ['10.1.2.3', '::ffff:10.1.0.0/112', true],
  ['10.2.2.3', '::ffff:10.1.0.0/112', false],
  ['2001:db8::1', '2001:db8::/32', true],
  ['2001:db9::1', '2001:db8::/32', false],
  ['fe80::1%eth0', 'fe80::/10', true],
  ['2001:db8::1', '0.0.0.0/0', false],
  ['10.1.2.3', '::/0', false],
  ['10.1.2.3', '0.0.0.0/0', true],
  ['not an address', '0.0.0.0/0', false],
  ['', '0.0.0.0/0', false],
  ['10.1.2.3', 'not a network', false],
])('%s in %s: %p', (address, network, expected) => {
  expect(isWithin([network], address)).toBe(expected);
});

test('forms that parsers read differently are no networks', () => {
  for (const text of [
    '127.1',
    '0x7f.0.0.1',
    '010.0.0.1',
    '2130706433',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '::/129',
    '::ffff:10.0.0.0/8',
    'example.com',
    'fe80::1%eth0',
    '10.0.0.0/8 or so',
  ])
    expect({ text, is: isNetwork(text) }).toEqual({ text, is: false });
  for (const text of ['127.0.0.1', '10.0.0.0/8', '::1', '::/0', '2001:db8::/32', '::ffff:10.0.0.0/104'])
    expect({ text, is: isNetwork(text) }).toEqual({ text, is: true });
});

test('a network holds itself and smaller ones, never larger or other ones', () => {
  expect(contains('10.0.0.0/8', '10.0.0.0/8')).toBe(true);
  expect(contains('10.0.0.0/8', '10.1.0.0/16')).toBe(true);
  expect(contains('10.0.0.0/8', '10.1.2.3')).toBe(true);
  expect(contains('10.1.0.0/16', '10.0.0.0/8')).toBe(false);
  expect(contains('10.0.0.0/8', '11.0.0.0/16')).toBe(false);
  expect(contains('10.0.0.0/8', '::/0')).toBe(false);
});
