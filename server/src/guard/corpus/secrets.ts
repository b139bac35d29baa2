import { createHash } from 'node:crypto';
import { type Sample, sample } from './sample.ts';

/** Characters that look drawn by chance and are the same every time: no real token stands in this repository. */
function drawn(seed: string, length: number, alphabet: string): string {
  let text = '';
  for (let round = 0; text.length < length; round++)
    for (const byte of createHash('sha256').update(`${seed}${round}`).digest())
      text += alphabet[byte % alphabet.length];
  return text.slice(0, length);
}

const digits = '0123456789';
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const base62 = digits + letters;
const base64url = `${base62}-_`;
const hex = '0123456789abcdef';
const part = (seed: string, length: number) => drawn(seed, length, base64url).replace(/^[-_]|[-_]$/g, 'x');

const openai = `sk-proj-${part('openai', 48)}`;
const legacy = `sk-${drawn('legacy', 20, base62)}T3BlbkFJ${drawn('legacy2', 20, base62)}`;
const anthropic = `sk-ant-api03-${part('anthropic', 93)}AA`;
const aws = `AKIA${drawn('aws', 16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`;
const awsSecret = drawn('aws-secret', 40, `${base62}/+`);
const google = `AIza${part('google', 35)}`;
const github = `ghp_${drawn('github', 36, base62)}`;
const finegrained = `github_pat_${drawn('pat', 22, base62)}_${drawn('pat2', 59, base62)}`;
const gitlab = `glpat-${part('gitlab', 20)}`;
const slack = `xoxb-${drawn('slack', 12, digits)}-${drawn('slack2', 12, digits)}-${drawn('slack3', 24, base62)}`;
const stripe = `sk_live_${drawn('stripe', 24, base62)}`;
const restricted = `rk_test_${drawn('rk', 24, base62)}`;
const sluice = `sl_live_${drawn('sluice', 33, base62)}`;
const huggingface = `hf_${drawn('hf', 34, letters)}`;
const groq = `gsk_${drawn('groq', 52, base62)}`;
const openrouter = `sk-or-v1-${drawn('or', 64, hex)}`;
const sendgrid = `SG.${part('sg', 22)}.${part('sg2', 43)}`;
const npm = `npm_${drawn('npm', 36, base62)}`;
const claims = Buffer.from('{"sub":"1234567890","name":"Kim"}').toString('base64url');
const jwt = `${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')}.${claims}.${part('jwt', 43)}`;
const body = Array.from({ length: 12 }, (_, line) => drawn(`key${line}`, 64, `${base62}+/`)).join('\n');
const pem = (kind: string) => `-----BEGIN ${kind}PRIVATE KEY-----\n${body}\n-----END ${kind}PRIVATE KEY-----`;

export const secretSamples: Sample[] = [
  sample(`OPENAI_API_KEY=${openai}`, openai),
  sample(`key "${legacy}" is old`, legacy),
  sample(`export ANTHROPIC_API_KEY=${anthropic};`, anthropic),
  sample(`aws_access_key_id = ${aws}\naws_secret_access_key = ${awsSecret}\n`, aws, awsSecret),
  sample(`{"key":"${google}"}`, google),
  sample(`git push https://x-access-token:${github}@github.com/o/r`, github),
  sample(`token: ${github}`, github),
  sample(`GITHUB_TOKEN=${finegrained}`, finegrained),
  sample(`gitlab ${gitlab}`, gitlab),
  sample(`Authorization: Bearer ${slack}`, slack),
  sample(`stripe.api_key = '${stripe}'`, stripe),
  sample(`restricted ${restricted}.`, restricted),
  sample(`Use ${sluice} with the gateway`, sluice),
  sample(`HF_TOKEN=${huggingface}`, huggingface),
  sample(`GROQ ${groq}`, groq),
  sample(`openrouter ${openrouter}`, openrouter),
  sample(`sendgrid ${sendgrid}`, sendgrid),
  sample(`//registry.npmjs.org/:_authToken=${npm}`, npm),
  sample(`cookie: session=${jwt}; path=/`, jwt),
  sample(`Here is my key:\n${pem('RSA ')}\nthanks`, pem('RSA ')),
  sample(`${pem('')}`, pem('')),
  sample(`${pem('OPENSSH ')} and more`, pem('OPENSSH ')),
  sample('postgres://app:S3cr3t-Pa55@db.internal:5432/app', 'S3cr3t-Pa55'),
  sample('redis://:hunter2hunter2@cache:6379/0', 'hunter2hunter2'),
];

/** Random strings that no maker's form tells; for the option `entropy` alone. */
export const entropySamples: Sample[] = ['one', 'two', 'three', 'four', 'five', 'six'].map((seed) => {
  const value = `q7${drawn(seed, 30, base62)}Z4k`;
  return sample(`password=${value} for the staging system`, value);
});
