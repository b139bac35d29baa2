import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { createHash, createHmac } from 'node:crypto';
import { exportPKCS8, exportSPKI, generateKeyPair, importSPKI, jwtVerify } from 'jose';
import { createAwsSecrets } from './aws-secrets-manager.ts';
import { createGoogleSecrets } from './google-secret-manager.ts';
import { parseReference } from './reference.ts';

let seen: { method: string; path: string; headers: Headers; body: string }[] = [];
let reply: (path: string) => Response;
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    seen.push({ method: request.method, path: pathname, headers: request.headers, body: await request.text() });
    return reply(pathname);
  },
});
const address = `http://127.0.0.1:${server.port}`;
afterAll(() => server.stop(true));
beforeEach(() => {
  seen = [];
});
const send = (request: Request) => fetch(request);
const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);

const aws = (over: Record<string, string> = {}) =>
  createAwsSecrets({
    environment: {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: address,
      ...over,
    },
    send,
    now: () => nowMs,
  });
// In the form of https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Examples
const awsSecret = (over: object) =>
  Response.json({
    ARN: 'arn:aws:secretsmanager:us-west-2:123456789012:secret:MyTestDatabaseSecret-a1b2c3',
    CreatedDate: 1.523477145713e9,
    Name: 'MyTestDatabaseSecret',
    SecretString: '{\n  "username":"david",\n  "password":"EXAMPLE-PASSWORD"\n}\n',
    VersionId: 'EXAMPLE1-90ab-cdef-fedc-ba987SECRET1',
    VersionStages: ['AWSCURRENT'],
    ...over,
  });

/** Signature Version 4 as its specification has it, computed apart from the library that signs. */
function signatureOf({ method, path, headers, body }: (typeof seen)[number], secret: string): string {
  const [, date, region, signed] =
    /Credential=[^/]+\/(\d+)\/([^/]+)\/secretsmanager\/aws4_request, SignedHeaders=([^,]+)/.exec(
      headers.get('authorization') ?? '',
    )!;
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const canonical = [
    method,
    path,
    '',
    ...signed!.split(';').map((name) => `${name}:${headers.get(name)}`),
    '',
    signed,
    sha(body),
  ].join('\n');
  const scope = `${date}/${region}/secretsmanager/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', headers.get('x-amz-date'), scope, sha(canonical)].join('\n');
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date!), region!), 'secretsmanager'), 'aws4_request');
  return hmac(key, toSign).toString('hex');
}

test('AWS: a field of a secret is read by a signed request', async () => {
  reply = () => awsSecret({});
  expect(await aws()(parseReference('aws-sm:MyTestDatabaseSecret#password')!)).toBe('EXAMPLE-PASSWORD');
  const [request] = seen;
  expect(request).toMatchObject({ method: 'POST', path: '/' });
  expect(JSON.parse(request!.body)).toEqual({ SecretId: 'MyTestDatabaseSecret' });
  expect(request!.headers.get('x-amz-target')).toBe('secretsmanager.GetSecretValue');
  expect(request!.headers.get('content-type')).toBe('application/x-amz-json-1.1');
  const authorization = request!.headers.get('authorization')!;
  expect(authorization).toContain('Credential=AKIDEXAMPLE/20260102/eu-central-1/secretsmanager/aws4_request');
  expect(authorization).toEndWith(`Signature=${signatureOf(request!, 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY')}`);
});

test('AWS: a whole text, a binary, and the region of an ARN', async () => {
  reply = () => awsSecret({ SecretString: 'sk-plain' });
  expect(await aws()(parseReference('aws-sm:plain')!)).toBe('sk-plain');
  reply = () => awsSecret({ SecretString: undefined, SecretBinary: Buffer.from('sk-binary').toString('base64') });
  const arn = 'arn:aws:secretsmanager:us-west-2:123456789012:secret:Name-a1b2c3';
  expect(await aws({ AWS_SESSION_TOKEN: 'session' })(parseReference(`aws-sm:${arn}`)!)).toBe('sk-binary');
  expect(JSON.parse(seen[1]!.body)).toEqual({ SecretId: arn });
  expect(seen[1]!.headers.get('authorization')).toContain('/us-west-2/');
  expect(seen[1]!.headers.get('x-amz-security-token')).toBe('session');
});

test('AWS: a refusal is told by its kind', async () => {
  reply = () =>
    Response.json({ __type: 'ResourceNotFoundException', Message: 'Secrets Manager can’t find it.' }, { status: 400 });
  await expect(aws()(parseReference('aws-sm:gone')!)).rejects.toThrow(
    'does not give gone (status 400 ResourceNotFoundException)',
  );
  await expect(aws({ AWS_REGION: '' })(parseReference('aws-sm:x')!)).rejects.toThrow('AWS_REGION');
  await expect(aws({ AWS_ACCESS_KEY_ID: '' })(parseReference('aws-sm:x')!)).rejects.toThrow('AWS_ACCESS_KEY_ID');
});

let account: string;
let publicPem: string;
beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  publicPem = await exportSPKI(publicKey);
  account = JSON.stringify({
    type: 'service_account',
    project_id: 'p',
    private_key_id: 'key-id-1',
    private_key: await exportPKCS8(privateKey),
    client_email: 'sluice@p.iam.gserviceaccount.com',
    token_uri: `${address}/token`,
  });
});
let clockMs = nowMs;
const google = (text = account) =>
  createGoogleSecrets({
    environment: {
      GOOGLE_APPLICATION_CREDENTIALS: '/keys/google.json',
      CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: `${address}/`,
    },
    send,
    readFile: async () => text,
    now: () => clockMs,
  });
const reference = parseReference('gcp-sm:projects/p/secrets/openai/versions/latest')!;
// In the form of https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access
const googleSecret = (text: string) =>
  Response.json({
    name: 'projects/1234567890/secrets/openai/versions/3',
    payload: { data: Buffer.from(text).toString('base64'), dataCrc32c: '2107829843' },
  });
const token = (value: string) => Response.json({ access_token: value, expires_in: 3599, token_type: 'Bearer' });

test('Google: a secret is read with an access token for a signed assertion, which is asked for once an hour', async () => {
  reply = (path) => (path === '/token' ? token('ya29.first') : googleSecret('sk-from-google'));
  const reader = google();
  expect(await reader(reference)).toBe('sk-from-google');
  expect(await reader(reference)).toBe('sk-from-google');
  expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /token',
    'GET /v1/projects/p/secrets/openai/versions/latest:access',
    'GET /v1/projects/p/secrets/openai/versions/latest:access',
  ]);
  expect(seen[1]!.headers.get('authorization')).toBe('Bearer ya29.first');
  const form = new URLSearchParams(seen[0]!.body);
  expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
  const { payload, protectedHeader } = await jwtVerify(form.get('assertion')!, await importSPKI(publicPem, 'RS256'), {
    issuer: 'sluice@p.iam.gserviceaccount.com',
    audience: `${address}/token`,
    currentDate: new Date(nowMs),
  });
  expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: 'key-id-1' });
  expect(payload).toMatchObject({ scope: 'https://www.googleapis.com/auth/cloud-platform', exp: nowMs / 1000 + 3600 });
  clockMs = nowMs + 3_600_000;
  await reader(reference);
  expect(seen.filter(({ path }) => path === '/token')).toHaveLength(2);
});

test('Google: a field of a JSON secret, a token that is refused once, and faults in words', async () => {
  let asked = 0;
  reply = (path) => {
    if (path === '/token') return token('ya29.x');
    asked += 1;
    return asked === 1
      ? Response.json({ error: { status: 'UNAUTHENTICATED' } }, { status: 401 })
      : googleSecret('{"key":"sk-field"}');
  };
  expect(await google()(parseReference('gcp-sm:projects/p/secrets/s/versions/1#key')!)).toBe('sk-field');
  reply = (path) =>
    path === '/token'
      ? token('ya29.x')
      : Response.json({ error: { code: 403, message: 'no', status: 'PERMISSION_DENIED' } }, { status: 403 });
  await expect(google()(reference)).rejects.toThrow('status 403 PERMISSION_DENIED');
  reply = () => Response.json({ error: 'invalid_grant' }, { status: 400 });
  await expect(google()(reference)).rejects.toThrow('gives no access token (status 400)');
  await expect(google('{}')(reference)).rejects.toThrow('no service account key');
  await expect(google()(parseReference('gcp-sm:openai')!)).rejects.toThrow('references look like');
});
