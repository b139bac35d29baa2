import { expect, test } from 'bun:test';
import { resolve } from 'node:path';
import { isLoopback, readSettings } from './settings.ts';

test('without any variable it serves this machine only, on 8080, out of ./data', () => {
  expect(readSettings({})).toMatchObject({
    host: '127.0.0.1',
    port: 8080,
    dataDir: resolve('data'),
    configPath: resolve('sluice.yaml'),
    adminKey: undefined,
    databaseUrl: undefined,
  });
});

test('an empty variable counts as not set', () => {
  expect(
    readSettings({
      HOST: '',
      PORT: '',
      SLUICE_DATA_DIR: '',
      SLUICE_CONFIG: '',
      SLUICE_ADMIN_KEY: '',
      DATABASE_URL: '',
    }),
  ).toMatchObject({
    host: '127.0.0.1',
    port: 8080,
    dataDir: resolve('data'),
    configPath: resolve('sluice.yaml'),
    adminKey: undefined,
    databaseUrl: undefined,
  });
});

test('a port of 0 is any free one', () => {
  expect(readSettings({ PORT: '0' }).port).toBe(0);
});

test.each(['http', '-1', '65536', '80.5', '8080x', 'NaN', '1e9'])('the port %j is refused in words', (PORT) => {
  expect(() => readSettings({ PORT })).toThrow(/PORT is .*; it must be a number from 0 to 65535/);
});

test('an address that others can reach is refused unless the operator says that it is meant', () => {
  for (const HOST of ['0.0.0.0', '::', '10.0.0.5', 'example.com']) {
    expect(() => readSettings({ HOST })).toThrow(/SLUICE_PUBLIC=true/);
    expect(readSettings({ HOST, SLUICE_PUBLIC: 'true' }).host).toBe(HOST);
  }
  for (const HOST of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) expect(readSettings({ HOST }).host).toBe(HOST);
});

test('a name that only begins like a loopback address is none', () => {
  for (const host of ['127.0.0.1.example.com', '127.example.com', 'localhost.example.com', '1270.0.0.1'])
    expect(isLoopback(host)).toBe(false);
});
