import type { OutgoingRequest } from './provider.ts';

/** Headers that say nothing secret. */
const open =
  /^(content-type|accept|user-agent|anthropic-version|anthropic-beta|openai-beta|x-client-request-id|x-amz-date|host)$/;
/** Shorter values are words that a message may well hold. */
const leastLength = 8;

/**
 * A provider's words without the credential that it was sent: some repeat the key they refuse, or the whole request, and
 * their words reach callers, the ledger and the log.
 */
export function hideSecrets(text: string, secret: string, headers: OutgoingRequest['headers'] = {}): string {
  const values = Object.entries(headers).flatMap(([name, value]) =>
    open.test(name) ? [] : [value, value.replace(/^\w+ /, '')],
  );
  let hidden = text;
  // The longest first, so that none is left in pieces.
  for (const value of [secret, ...values].sort((a, b) => b.length - a.length)) {
    if (value.length >= leastLength) hidden = hidden.replaceAll(value, '[hidden]');
  }
  return hidden;
}
