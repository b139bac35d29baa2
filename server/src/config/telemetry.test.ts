import { expect, test } from 'bun:test';
import { sentrySettings, telemetry, telemetrySettings } from './telemetry.ts';

const section = (given: object = {}) => telemetry.parse(given);
const endpoint = 'http://127.0.0.1:4318';

test('without an address there is no telemetry, and it can be switched off whatever else is said', () => {
  expect(telemetrySettings(section({ serviceName: 'x' }), { OTEL_SERVICE_NAME: 'y' })).toBeUndefined();
  expect(telemetrySettings(section({ endpoint }), { OTEL_SDK_DISABLED: 'true' })).toBeUndefined();
  expect(sentrySettings(section(), {})).toBeUndefined();
});

test('the file goes before the environment, field by field', () => {
  const settings = telemetrySettings(section({ endpoint: `${endpoint}/`, sampleRatio: 0.5 }), {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://elsewhere.example',
    OTEL_TRACES_SAMPLER_ARG: '0.1',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_HEADERS: 'a=1%2C2, b = c=d,=none',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
  });
  expect(settings).toMatchObject({
    endpoint,
    sampleRatio: 0.5,
    protocol: 'http/json',
    headers: { a: '1,2', b: 'c=d' },
    temporality: 'delta',
    serviceName: 'sluice',
    content: false,
    propagate: 'local',
  });
});

test.each([
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4317'],
  ['OTEL_TRACES_SAMPLER_ARG', '2'],
])('%s=%s is refused in words that name the variable', (name, value) => {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, [name]: value };
  expect(() => telemetrySettings(section(), environment)).toThrow(new RegExp(`^${name} cannot be used: `));
});

test('a DSN has a key, a host and a project, and is not repeated in the fault', () => {
  expect(
    sentrySettings(section({ sentry: { dsn: 'https://key@sentry.example/7' } }), { SENTRY_ENVIRONMENT: 'test' }),
  ).toEqual({
    dsn: 'https://key@sentry.example/7',
    environment: 'test',
  });
  expect(() => sentrySettings(section(), { SENTRY_DSN: 'https://secret-key.example/7' })).toThrow(
    /^SENTRY_DSN cannot be used/,
  );
  expect(() => sentrySettings(section(), { SENTRY_DSN: 'https://secret-key.example/7' })).not.toThrow(/secret-key/);
});
