import { expect, test } from 'bun:test';
import { ConfigError, parseConfig } from '../config/load.ts';
import { createAllowList, hostnameOf, isAllowEntry, portOf } from './allow-list.ts';

const allows = (entry: string, url: string, address: string) => {
  const parsed = new URL(url);
  return createAllowList([entry])({ hostname: hostnameOf(parsed), port: portOf(parsed), address });
};

test.each([
  ['models.lan', 'http://models.lan/a', '10.0.0.5'],
  ['models.lan', 'https://MODELS.lan.:8443/a', '10.0.0.5'],
  ['Models.LAN.', 'http://models.lan/', '10.0.0.5'],
  ['models.lan:9000', 'http://models.lan:9000/', '10.0.0.5'],
  ['models.lan:443', 'https://models.lan/', '10.0.0.5'],
  ['bücher.lan', 'http://xn--bcher-kva.lan/', '10.0.0.5'],
  ['127.0.0.1', 'http://127.0.0.1:1234/', '127.0.0.1'],
  ['127.0.0.1:1234', 'http://localhost:1234/', '127.0.0.1'],
  ['127.0.0.1', 'http://localhost/', '::ffff:7f00:1'],
  ['10.1.0.0/16', 'http://files.lan:8080/', '10.1.255.255'],
  ['0.0.0.0/0', 'http://files.lan/', '192.168.0.1'],
  ['fd00::/8', 'http://files.lan/', 'fd12::1'],
  ['::1', 'http://[::1]:5000/', '::1'],
  ['[::1]:5000', 'http://[0:0::1]:5000/', '::1'],
])('%s allows %s at %s', (entry, url, address) => {
  expect(isAllowEntry(entry)).toBe(true);
  expect(allows(entry, url, address)).toBe(true);
});

test.each([
  ['models.lan', 'http://other.lan/', '10.0.0.5'],
  ['models.lan', 'http://models.lan.evil.test/', '10.0.0.5'],
  ['models.lan', 'http://a.models.lan/', '10.0.0.5'],
  ['models.lan:9000', 'http://models.lan/', '10.0.0.5'],
  ['models.lan:80', 'https://models.lan/', '10.0.0.5'],
  ['127.0.0.1:1234', 'http://127.0.0.1:1235/', '127.0.0.1'],
  ['127.0.0.1', 'http://127.0.0.2/', '127.0.0.2'],
  ['10.1.0.0/16', 'http://files.lan/', '10.2.0.0'],
  ['fd00::/8', 'http://files.lan/', 'fc00::1'],
  ['0.0.0.0/0', 'http://files.lan/', 'fd00::1'],
])('%s does not allow %s at %s', (entry, url, address) => {
  expect(isAllowEntry(entry)).toBe(true);
  expect(allows(entry, url, address)).toBe(false);
});

test.each([
  '',
  ' ',
  '*',
  'http://models.lan',
  'models.lan/x',
  'a b',
  'user@models.lan',
  'models.lan:',
  'models.lan:0',
  'models.lan:65536',
  'models.lan:x',
  '10.0.0.0/33',
  '10.0.0/8',
  'fd00::/129',
  '[::1',
  '[::1%lo]',
  '300.0.0.1',
  'a\\b',
  '?',
  '10.0.0.0/8/8',
])('an entry of another form is no entry and allows nothing: %j', (entry) => {
  expect(isAllowEntry(entry)).toBe(false);
  expect(allows(entry, 'http://models.lan/', '10.0.0.1')).toBe(false);
});

test('the configuration takes these entries and names the line of any other', () => {
  const text = 'egress:\n  allow:\n    - models.lan:9000\n    - 10.1.0.0/16\n';
  expect(parseConfig(text, 'sluice.yaml', {}).egress.allow).toEqual(['models.lan:9000', '10.1.0.0/16']);
  expect(parseConfig('', 'sluice.yaml', {}).egress.allow).toEqual([]);
  expect(() => parseConfig(`${text}    - http://models.lan/\n`, 'sluice.yaml', {})).toThrow(
    new ConfigError([
      'sluice.yaml:5: egress.allow.2: Write a host, host:port or a network, like models.lan, 127.0.0.1:9000 or 10.1.0.0/16.',
    ]),
  );
});
