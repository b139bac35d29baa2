import { afterAll, beforeAll, expect, test } from 'bun:test';
import { createGuardedFetch } from './guarded-fetch.ts';
import { type LocalServer, serve } from './testing.ts';

/** Every way to write an address that must not be fetched. PORT becomes the canary's. */
const loopback = [
  // IPv4 in decimal, octal, hexadecimal, short and mixed forms
  ...['127.0.0.1', '127.1', '127.0.1', '2130706433', '017700000001', '0x7f000001', '0X7F000001', '0x7F.1'],
  ...['0177.0.0.1', '0177.0.0.01', '0177.0.1', '0177.1', '00000177.0.0.1', '0x7f.0.0.1', '0x7f.0x0.0x0.0x1'],
  ...['0x7f.0.1', '0x7f.1', '0x7f.0x1', '0x7F.00.00.01', '127.0x0.0.1', '127.0.0.0x1', '0177.0x0.0.1', '127.00.00.01'],
  ...[
    '127.0.0.01',
    '127.000.000.001',
    '0x0000007f.0.0.1',
    '127.0x000001',
    '127.000001',
    '0x7f.0000001',
    '0177.0000001',
  ],
  ...['127.127.127.127', '127.255.255.254', '127.0.0.2', '127.3.2.1', '2130706434', '0x7fffffff'],
  ...['0.0.0.0', '0', '00', '0x0', '0x', '0.0', '0.0.0', '0.0.0.1', '0.1', '1', '0x1'],
  // letters that are digits to a URL, dots that are dots, last dots
  ...['127.0.0.1.', '127.1.', '2130706433.', '0x7f000001.', '0177.0.0.1.', '１２７.０.０.１', '１２７。０。０。１'],
  ...[
    '127。0。0。1',
    '127．0．0．1',
    '127｡0｡0｡1',
    '①②⑦.⓪.⓪.①',
    '𝟏𝟐𝟕.𝟎.𝟎.𝟏',
    '𝟙𝟚𝟟.𝟘.𝟘.𝟙',
    '¹²⁷.⁰.⁰.¹',
    '₁₂₇.₀.₀.₁',
    '２１３０７０６４３３',
  ],
  ...[
    '0ｘ7f.1',
    '127.0.0.%31',
    '%31%32%37.0.0.1',
    '127%2e0%2e0%2e1',
    '1\u00ad27.0.0.1',
    '127.0.0.1\u200b',
    '127.\u20600.0.1',
  ],
  // IPv6, and IPv4 within it
  ...[
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[0000:0000:0000:0000:0000:0000:0000:0001]',
    '[::0:1]',
    '[0::1]',
    '[::0001]',
    '[::]',
    '[0:0::]',
  ],
  ...[
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::FFFF:7F00:0001]',
    '[0:0:0:0:0:ffff:127.0.0.1]',
    '[0:0:0:0:0:FFFF:7f00:1]',
  ],
  ...[
    '[::ffff:127.0.0.2]',
    '[::ffff:0.0.0.0]',
    '[::ffff:0:0]',
    '[::127.0.0.1]',
    '[::7f00:1]',
    '[::ffff:0:127.0.0.1]',
    '[::ffff:0:7f00:1]',
  ],
  ...['[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2002:7f00:0001::1]'],
  ...[
    '[2001::7f00:1]',
    '[2001:0:7f00:1::80ff:fffe]',
    '[::1%25lo]',
    '[::1%lo]',
    '[fe80::1%25lo]',
    '[::ffff:127.1]',
    '[::%31]',
  ],
];

const otherNetworks = [
  ...[
    '10.0.0.1',
    '10.255.255.255',
    '10.1',
    '0xa.1',
    '012.0.0.1',
    '167772161',
    '0x0a000001',
    '100.64.0.1',
    '100.100.100.200',
  ],
  ...[
    '172.16.0.1',
    '172.31.255.255',
    '0xac100001',
    '0254.020.0.1',
    '192.168.0.1',
    '192.168.1',
    '192.168.257',
    '0xc0a80001',
    '3232235521',
  ],
  ...[
    '169.254.169.254',
    '169.254.43518',
    '2852039166',
    '0xa9fea9fe',
    '0xA9.0xFE.0xA9.0xFE',
    '0251.0376.0251.0376',
    '0251.254.169.254',
  ],
  ...[
    '169.254.169.254.',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
    '[2002:a9fe:a9fe::]',
    '[fd00:ec2::254]',
  ],
  ...[
    '168.63.129.16',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '239.255.255.250',
  ],
  ...[
    '240.0.0.1',
    '255.255.255.255',
    '4294967295',
    '0xffffffff',
    '037777777777',
    '[fc00::1]',
    '[fd12:3456::1]',
    '[fe80::1]',
    '[fec0::1]',
  ],
  ...[
    '[ff02::1]',
    '[2001:db8::1]',
    '[3fff::1]',
    '[100::1]',
    '[2001:2::1]',
    '[::ffff:10.0.0.1]',
    '[::ffff:c0a8:1]',
    '[::10.0.0.1]',
    '[4000::1]',
  ],
];

/** Names: the resolver of these tests gives 127.0.0.1 for every one. */
const names = [
  ...[
    'localhost',
    'LOCALHOST',
    'LocalHost.',
    'localhost.localdomain',
    'a.localhost',
    'ｌｏｃａｌｈｏｓｔ',
    'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
    'loc%61lhost',
    'local\u00adhost',
  ],
  ...[
    'localtest.me',
    '127.0.0.1.nip.io',
    '7f000001.nip.io',
    'metadata.google.internal',
    'kubernetes.default.svc',
    'db',
    'intranet',
    'EXAMPLE.com',
  ],
  ...[
    'example.com.',
    'xn--bcher-kva.example',
    'bücher.example',
    'BÜCHER.example',
    'faß.de',
    'пример.рф',
    '例え.テスト',
    'a_b.example',
    'a--b.example',
    '127.0.0.1.example',
    '0x7f.1.example',
  ],
  ...[
    '1.2.3.4.5.example',
    'e'.repeat(63),
    `${'a.'.repeat(100)}test`,
    '0x7f.0.0.1x',
    '127.0.0.1-a',
    '--',
    '[::1].example',
    '127.0.0.1%00.example',
    '127.0.0.1%2f.example',
  ],
];

const wholeAddresses = [
  // who the host is, and who only looks like it
  'http://example.com@127.0.0.1:PORT/',
  'http://example.com:80@127.0.0.1:PORT/',
  'http://example.com%2f@127.0.0.1:PORT/',
  'http://example.com%23@127.0.0.1:PORT/',
  'http://127.0.0.1:PORT@example.com:PORT/',
  'http://:@127.0.0.1:PORT/',
  'http://user@[::1]:PORT/',
  'http://user:secret@localhost:PORT/',
  'http://a@b@127.0.0.1:PORT/',
  'http://example.com\\@127.0.0.1:PORT/',
  'http://127.0.0.1:PORT\\@example.com/',
  'http://127.0.0.1:PORT#@example.com/',
  'http://127.0.0.1:PORT?@example.com/',
  'http://127.0.0.1:PORT/@example.com/',
  'http://127.0.0.1:PORT\\.example.com/',
  'http:/127.0.0.1:PORT/',
  'http:127.0.0.1:PORT/',
  'http:///127.0.0.1:PORT/',
  'http:////127.0.0.1:PORT/',
  'http:\\\\127.0.0.1:PORT\\',
  'http:/\\127.0.0.1:PORT/',
  'HTTP://127.0.0.1:PORT/',
  ' http://127.0.0.1:PORT/ ',
  '\thttp://127.0.0.1:PORT/',
  'ht\ntp://127.0.0.1:PORT/',
  'http://127.0\t.0.1:PORT/',
  'http://127.0.0.1\n:PORT/',
  'http://127.0.0.1:\rPORT/',
  'http://127.0.0.1:00PORT/',
  'http://127.0.0.1:PORT/%2e%2e/',
  'http://127.0.0.1:PORT/\r\nhost: example.com',
  'http://127.0.0.1/',
  'http://127.0.0.1:/',
  'http://127.0.0.1:0/',
  'http://127.0.0.1:99999/',
  'http://127.0.0.1:-1/',
  'http://127.0.0.1:PORT:80/',
  'https://127.0.0.1:PORT/',
  'https://localhost:PORT/',
  'https://[::ffff:7f00:1]:PORT/',
  // other schemes, or none
  '//127.0.0.1:PORT/',
  '127.0.0.1:PORT/',
  'localhost:PORT/',
  '',
  ' ',
  'http://',
  'http://:PORT/',
  'http://[::1/',
  'http://exa mple.com/',
  'ws://127.0.0.1:PORT/',
  'wss://127.0.0.1:PORT/',
  'ftp://127.0.0.1:PORT/',
  'gopher://127.0.0.1:PORT/_x',
  'dict://127.0.0.1:PORT/x',
  'file:///etc/passwd',
  'file://127.0.0.1:PORT/',
  'unix:/var/run/docker.sock',
  'http+unix://%2fvar%2frun%2fdocker.sock/',
  'data:text/plain,x',
  'blob:http://127.0.0.1:PORT/x',
  'view-source:http://127.0.0.1:PORT/',
  'jar:http://127.0.0.1:PORT/!/',
  'javascript:fetch("http://127.0.0.1:PORT/")',
  's3://127.0.0.1:PORT/',
  'url:http://127.0.0.1:PORT/',
];

const forms = [...[...loopback, ...otherNetworks, ...names].map((host) => `http://${host}:PORT/`), ...wholeAddresses];

let canary: LocalServer;
beforeAll(async () => {
  canary = await serve((_request, response) => response.end('found'));
});
afterAll(() => canary.close());

test('more than 200 forms of address are told apart', () => {
  expect(new Set(forms).size).toBe(forms.length);
  expect(forms.length).toBeGreaterThan(200);
});

test.each(forms)('is refused as the caller’s fault, and nobody is called: %j', async (form) => {
  const guardedFetch = createGuardedFetch({
    allow: () => [],
    maxBytes: 1000,
    timeoutMs: 2000,
    lookup: async () => [{ address: '127.0.0.1', family: 4 }],
  });
  const fetching = guardedFetch(form.replaceAll('PORT', String(canary.port)), { signal: new AbortController().signal });
  await expect(fetching).rejects.toMatchObject({ name: 'SluiceError', code: 'invalid_request' });
  expect(canary.hits).toBe(0);
});

test.each(['localhost', 'LOCALHOST'])('the machine’s own resolver leads nowhere either: %s', async (host) => {
  const guardedFetch = createGuardedFetch({ allow: () => [], maxBytes: 1000, timeoutMs: 5000 });
  const fetching = guardedFetch(`http://${host}:${canary.port}/`, { signal: new AbortController().signal });
  await expect(fetching).rejects.toMatchObject({ name: 'SluiceError' });
  expect(canary.hits).toBe(0);
});

test('the canary hears a fetch that is allowed', async () => {
  const guardedFetch = createGuardedFetch({ allow: () => ['127.0.0.1'], maxBytes: 1000, timeoutMs: 5000 });
  const before = canary.hits;
  await guardedFetch(`http://127.0.0.1:${canary.port}/`, { signal: new AbortController().signal });
  expect(canary.hits).toBe(before + 1);
});
