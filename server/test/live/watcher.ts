import type { LiveMessage } from '../../src/http/platform/live-message.ts';
import { rawRequest } from '../raw-request.ts';

type Second = Extract<LiveMessage, { type: 'second' }>;

/** What one socket showed. */
export interface Watcher {
  messages: LiveMessage[];
  /** Every second it has shown, those of the history first. */
  seconds(): Second[];
  /** The requests that it has shown, all added up. */
  requests(): number;
  /** Once the socket is open and its history is here. */
  opened: Promise<void>;
  /** The code it was closed with. */
  closed: Promise<number>;
  /** Once this holds; looked at after every message. Rejects when the socket is closed before. */
  until(holds: (watcher: Watcher) => boolean): Promise<void>;
  close(): void;
}

const socketUrl = (url: string, ticket: string) => `${url.replace(/^http/, 'ws')}/api/v1/metrics/live?ticket=${ticket}`;

/** Opens the live figures as a browser does. `opened` rejects when the gateway refuses. */
export function watch(url: string, ticket: string, headers: Record<string, string> = {}): Watcher {
  const messages: LiveMessage[] = [];
  const waiting = new Set<() => void>();
  const socket = new WebSocket(socketUrl(url, ticket), { headers } as never);
  let over: number | undefined;
  const closed = new Promise<number>((resolve) => {
    socket.onclose = ({ code }) => {
      over = code;
      resolve(code);
      for (const look of waiting) look();
    };
  });
  socket.onmessage = ({ data }) => {
    messages.push(JSON.parse(String(data)));
    for (const look of waiting) look();
  };
  const watcher: Watcher = {
    messages,
    seconds: () => messages.flatMap((message) => (message.type === 'history' ? message.seconds : [message])),
    requests: () => watcher.seconds().reduce((sum, { requests }) => sum + requests, 0),
    opened: Promise.resolve(),
    closed,
    until: (holds) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (holds(watcher)) resolve();
          else if (over === undefined) return void waiting.add(look);
          else reject(new Error(`The socket was closed with ${over}.`));
          waiting.delete(look);
        };
        look();
      }),
    close: () => socket.close(),
  };
  watcher.opened = watcher.until(({ messages: seen }) => seen.length > 0);
  watcher.opened.catch(() => {});
  return watcher;
}

/** The status with which the gateway answers somebody who wants the socket; 101 when it opens. */
export async function statusOfUpgrade(
  url: string,
  ticket: string | undefined,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const lines = [
    `GET /api/v1/metrics/live${ticket === undefined ? '' : `?ticket=${ticket}`} HTTP/1.1`,
    `host: ${new URL(url).host}`,
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const text = await rawRequest(url, `${lines.join('\r\n')}\r\n\r\n`, /\r\n\r\n[\s\S]/);
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text };
}
