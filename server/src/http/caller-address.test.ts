import { expect, test } from 'bun:test';
import { createCallerAddress } from './caller-address.ts';

const from = (peer: string | undefined, forwarded?: string, trusted: string[] = ['10.0.0.0/8', '::1']) =>
  createCallerAddress({ peerOf: () => peer, trustedProxies: () => trusted })(
    new Request('http://gateway/', forwarded === undefined ? {} : { headers: { 'x-forwarded-for': forwarded } }),
  );

test('without a trusted proxy the connection tells, whatever the header says', () => {
  expect(from('203.0.113.9', '192.0.2.1')).toBe('203.0.113.9');
  expect(from('10.0.0.1', '192.0.2.1', [])).toBe('10.0.0.1');
  expect(from(undefined, '192.0.2.1')).toBeUndefined();
});

test('behind trusted proxies it is the last address that is none of them', () => {
  expect(from('10.0.0.1', '192.0.2.1')).toBe('192.0.2.1');
  expect(from('::ffff:10.0.0.1', '192.0.2.1')).toBe('192.0.2.1');
  expect(from('10.0.0.1', '198.51.100.7, 192.0.2.1, 10.0.0.2')).toBe('192.0.2.1');
  expect(from('10.0.0.1', '[2001:db8::1]:4711')).toBe('2001:db8::1');
  expect(from('10.0.0.1', '192.0.2.1:4711')).toBe('192.0.2.1');
  expect(from('10.0.0.1')).toBe('10.0.0.1');
  expect(from('10.0.0.1', '10.0.0.3')).toBe('10.0.0.3');
});

test('what a caller writes before the proxies is not believed, and nonsense is no address', () => {
  expect(from('10.0.0.1', '10.9.9.9, 192.0.2.1')).toBe('192.0.2.1');
  for (const nonsense of ['unknown', '', '192.0.2.1, unknown', '192.0.2.1,', '0x7f.1'])
    expect({ nonsense, address: from('10.0.0.1', nonsense) }).toEqual({ nonsense, address: undefined });
});
