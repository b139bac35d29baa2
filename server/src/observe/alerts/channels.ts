import { createHmac } from 'node:crypto';
import type { AlertChannel } from '../../config/alerts.ts';
import type { Egress } from '../../egress/client.ts';
import type { SendMail } from '../../egress/smtp.ts';
import type { Delivery } from '../outbox.ts';
import type { AlertMessage } from './alert.ts';

export interface ChannelDeps {
  egress: Egress;
  /** Undefined when no mail server is configured. */
  mail(): SendMail | undefined;
}

const sendWithinMs = 10_000;

/** Brings one message to one channel. What it throws or answers holds no address and no secret. */
export async function deliverAlert(message: AlertMessage, channel: AlertChannel, deps: ChannelDeps): Promise<Delivery> {
  switch (channel.kind) {
    case 'email': {
      const send = deps.mail();
      if (!send) return 'refused';
      const { subject, text } = mailOf(message);
      await send({ to: channel.to, subject, text });
      return 'sent';
    }
    case 'slack':
      return post(deps.egress, channel.url, JSON.stringify({ text: slackText(message) }));
    case 'webhook': {
      const body = JSON.stringify(webhookBody(message));
      return post(deps.egress, channel.url, body, signed(message, body, channel.secret));
    }
  }
}

async function post(
  egress: Egress,
  url: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<Delivery> {
  const response = await egress(
    { url, method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body },
    { signal: AbortSignal.timeout(sendWithinMs) },
  );
  response.body?.cancel().catch(() => {});
  if (response.ok) return 'sent';
  return response.status === 429 || response.status >= 500 ? 'later' : 'refused';
}

/** The headers of https://www.standardwebhooks.com, which a receiver checks with any of its libraries. */
function signed({ id, atMs }: AlertMessage, body: string, secret: string | undefined): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secret === undefined) return headers;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}

const webhookBody = ({ status, alert, sinceMs, atMs }: AlertMessage) => ({
  type: `alert.${status}`,
  timestamp: new Date(atMs).toISOString(),
  data: { ...alert, status, since: new Date(sinceMs).toISOString() },
});

const headline = ({ status, alert }: AlertMessage): string =>
  status === 'resolved' ? `Over: ${alert.title}` : alert.title;

const mailOf = (message: AlertMessage) => ({
  subject: `[Sluice] ${headline(message)}`.replace(/[\r\n]+/g, ' '),
  text: `${headline(message)}\n\n${message.alert.text}\n\nSince ${new Date(message.sinceMs).toISOString()}.\n`,
});

/** Slack reads three characters as markup: https://docs.slack.dev/messaging/formatting-message-text. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const slackText = (message: AlertMessage): string =>
  `${message.status === 'resolved' ? ':white_check_mark:' : ':rotating_light:'} *${escaped(headline(message))}*\n${escaped(message.alert.text)}`;
