/** A valid string of a JSON Schema format (https://json-schema.org/draft/2020-12/json-schema-validation#section-7.3). */
export function formatSample(format: string, variation: number): string | undefined {
  const digit = String(variation % 9);
  return samples.get(format)?.(digit);
}

const samples = new Map<string, (digit: string) => string>(
  Object.entries({
    date: (digit: string) => `2025-01-1${digit}`,
    time: (digit: string) => `12:3${digit}:00Z`.replace('12:39', '12:30'),
    'date-time': (digit: string) => `2025-01-1${digit}T12:30:00Z`,
    duration: (digit: string) => `P${Number(digit) + 1}D`,
    email: (digit: string) => `ada${digit === '0' ? '' : digit}@example.com`,
    'idn-email': (digit: string) => `ada${digit}@example.com`,
    hostname: (digit: string) => `host${digit}.example.com`,
    'idn-hostname': (digit: string) => `host${digit}.example.com`,
    ipv4: (digit: string) => `192.0.2.1${digit}`,
    ipv6: (digit: string) => `2001:db8::${Number(digit) + 1}`,
    uri: (digit: string) => `https://example.com/${digit}`,
    url: (digit: string) => `https://example.com/${digit}`,
    iri: (digit: string) => `https://example.com/${digit}`,
    'uri-reference': (digit: string) => `/path/${digit}`,
    'iri-reference': (digit: string) => `/path/${digit}`,
    'uri-template': (digit: string) => `https://example.com/{id}/${digit}`,
    uuid: (digit: string) => `3f2b8c1e-5d4a-4e6f-9a7b-00000000000${digit}`,
    'json-pointer': (digit: string) => `/items/${digit}`,
    'relative-json-pointer': (digit: string) => `${digit}/items`,
    regex: () => '^[a-z]+$',
    byte: () => 'c2FuZGJveA==',
    binary: () => 'sandbox',
    password: () => 'correct-horse',
  }),
);
