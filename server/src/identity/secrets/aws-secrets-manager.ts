import { AwsV4Signer } from 'aws4fetch';
import { z } from 'zod';
import { askManager, fieldOf, type Send, unavailable } from './ask-manager.ts';
import type { SecretReference } from './reference.ts';

export interface AwsSecretsDeps {
  environment: Record<string, string | undefined>;
  send: Send;
  /** Milliseconds since 1970, which signatures are dated by. */
  now: () => number;
}

const manager = 'AWS Secrets Manager';
const answerSchema = z.object({ SecretString: z.string().optional(), SecretBinary: z.string().optional() });
const errorSchema = z.object({ __type: z.string() });

/**
 * Reads secrets of AWS Secrets Manager (GetSecretValue,
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html), signed with the keys of the
 * environment. The region is that of an ARN, else AWS_REGION or AWS_DEFAULT_REGION; AWS_ENDPOINT_URL_SECRETS_MANAGER or
 * AWS_ENDPOINT_URL names another address.
 */
export function createAwsSecrets({ environment, send, now }: AwsSecretsDeps) {
  return async function readAwsSecret({ name, field }: SecretReference): Promise<string> {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
    if (!accessKeyId || !secretAccessKey)
      throw unavailable(manager, 'needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
    const ofArn = /^arn:[\w-]+:secretsmanager:([a-z0-9-]+):/.exec(name)?.[1];
    const region = ofArn ?? (environment.AWS_REGION || environment.AWS_DEFAULT_REGION);
    if (!region) throw unavailable(manager, 'needs AWS_REGION');
    const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    const url =
      environment.AWS_ENDPOINT_URL_SECRETS_MANAGER ||
      environment.AWS_ENDPOINT_URL ||
      `https://secretsmanager.${region}.${domain}/`;
    const signer = new AwsV4Signer({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'secretsmanager.GetSecretValue',
      },
      body: JSON.stringify({ SecretId: name }),
      accessKeyId,
      secretAccessKey,
      sessionToken: environment.AWS_SESSION_TOKEN || undefined,
      service: 'secretsmanager',
      region,
      datetime: new Date(now()).toISOString().replace(/[:-]|\.\d{3}/g, ''),
    });
    const signed = await signer.sign();
    const { status, body } = await askManager(send, manager, signed.url.href, {
      method: signed.method,
      headers: signed.headers,
      body: signed.body ?? null,
    });
    if (status !== 200) {
      const type = errorSchema.safeParse(body);
      const word = type.success ? ` ${type.data.__type.replace(/^.*#/, '').slice(0, 80)}` : '';
      throw unavailable(manager, `does not give ${name} (status ${status}${word})`);
    }
    const { SecretString: text, SecretBinary: binary } = answerSchema.safeParse(body).data ?? {};
    if (text !== undefined) return fieldOf(manager, text, field);
    if (binary !== undefined) return fieldOf(manager, Buffer.from(binary, 'base64').toString('utf8'), field);
    throw unavailable(manager, `answers for ${name} with something that is no secret`);
  };
}
