import { AwsV4Signer } from 'aws4fetch';
import type { OutgoingRequest } from './provider.ts';

/** Either the parts that Signature Version 4 signs with, or a Bedrock API key, which is sent as a bearer token. */
export type AwsCredential =
  | { kind: 'keys'; accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  | { kind: 'bearer'; token: string };

/**
 * The secret of a Bedrock credential: `accessKeyId:secretAccessKey` or `accessKeyId:secretAccessKey:sessionToken`, else a
 * Bedrock API key. None of AWS's own values holds a colon.
 */
export function readAwsSecret(secret: string): AwsCredential {
  const [accessKeyId, secretAccessKey, sessionToken] = secret.split(':');
  if (!accessKeyId || !secretAccessKey) return { kind: 'bearer', token: secret };
  return { kind: 'keys', accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

export const joinAwsSecret = (accessKeyId: string, secretAccessKey: string, sessionToken?: string): string =>
  [accessKeyId, secretAccessKey, ...(sessionToken ? [sessionToken] : [])].join(':');

export interface SignerDeps {
  region: string;
  /** Milliseconds since 1970. */
  now(): number;
}

/**
 * Signs requests for the service `bedrock` (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 * Only the host, the date and the session token are signed beside the body, so that a proxy may change other headers.
 */
export function createAwsSigner({ region, now }: SignerDeps) {
  // The signing key holds for one day, region and service: derived once, not on every call.
  let keys = new Map<string, ArrayBuffer>();
  return async function authorise(
    credential: AwsCredential,
    request: OutgoingRequest,
  ): Promise<Record<string, string>> {
    if (credential.kind === 'bearer') return { authorization: `Bearer ${credential.token}` };
    if (keys.size > 64) keys = new Map();
    const { accessKeyId, secretAccessKey, sessionToken } = credential;
    const signer = new AwsV4Signer({
      method: request.method,
      url: request.url,
      body: request.body,
      accessKeyId,
      secretAccessKey,
      sessionToken,
      region,
      service: 'bedrock',
      cache: keys,
      datetime: new Date(now()).toISOString().replace(/[:-]|\.\d{3}/g, ''),
    });
    const { headers } = await signer.sign();
    return Object.fromEntries(headers);
  };
}
