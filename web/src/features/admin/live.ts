import { useEffect, useState } from 'react';
import { api } from '../../api/client.ts';

/** A second of the live figures, as the socket sends it. */
export interface LiveSecond {
  /** When it began, in milliseconds since 1970. */
  at: number;
  requests: number;
  errors: number;
  tokens: { input: number; output: number };
  costUsd: string;
  savedUsd: string;
  inFlight?: number;
  /** Of the last minute; null when there were no calls. */
  latencyMs: { p50: number; p95: number; p99: number } | null;
  byModel: { model: string; requests: number; costUsd: string }[];
  byProvider: { provider: string; requests: number; errors: number }[];
}

type Message = { type: 'history'; seconds: LiveSecond[] } | ({ type: 'second' } & LiveSecond);

const shownSeconds = 120;
const leastWaitMs = 1000;
const mostWaitMs = 30_000;

/** The last two minutes, second by second; undefined until the first message, and `connected` false while the line is down. */
export function useLive(): { seconds: LiveSecond[] | undefined; connected: boolean } {
  const [seconds, setSeconds] = useState<LiveSecond[]>();
  const [connected, setConnected] = useState(false);

  // The socket lives outside of React: it is opened here, and opened anew when it breaks.
  useEffect(() => {
    let ended = false;
    let socket: WebSocket | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let waitMs = leastWaitMs;

    function again(): void {
      setConnected(false);
      if (ended) return;
      clearTimeout(timer);
      timer = setTimeout(() => void open(), waitMs);
      waitMs = Math.min(waitMs * 2, mostWaitMs);
    }

    async function open(): Promise<void> {
      try {
        const { ticket } = await api.post<{ ticket: string }>('/api/v1/metrics/tickets');
        if (ended) return;
        const address = new URL('/api/v1/metrics/live', location.href);
        address.protocol = address.protocol.replace('http', 'ws');
        address.searchParams.set('ticket', ticket);
        socket = new WebSocket(address);
        socket.onmessage = ({ data }) => {
          waitMs = leastWaitMs;
          setConnected(true);
          const message = JSON.parse(data) as Message;
          setSeconds((before = []) =>
            (message.type === 'history' ? message.seconds : [...before, message]).slice(-shownSeconds),
          );
        };
        socket.onclose = again;
      } catch {
        again();
      }
    }

    void open();
    return () => {
      ended = true;
      clearTimeout(timer);
      socket?.close();
    };
  }, []);
  return { seconds, connected };
}
