import type { WireEvent } from './wire.ts';

/** One server-sent event, framed. `data` must hold no line break (JSON.stringify never writes one). */
export const sseEvent = (data: string, event?: string): string =>
  event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`;

/** A comment: readers skip it, proxies see traffic. */
export const sseComment = (text: string): string => `: ${text}\n\n`;

/**
 * Whole server-sent events in `text` (https://html.spec.whatwg.org/multipage/server-sent-events.html): LF, CRLF or CR lines,
 * comments skipped, several data lines joined by LF. A last event without its blank line still counts: providers that
 * close the connection right after it exist. Events without data are dropped, as the specification says.
 */
export function parseSseEvents(text: string): WireEvent[] {
  const events: WireEvent[] = [];
  let event: string | undefined;
  let data: string | undefined;
  let start = 0;
  const dispatch = () => {
    if (data !== undefined) events.push(event === undefined ? { data } : { event, data });
    event = undefined;
    data = undefined;
  };
  while (start < text.length) {
    let end = text.indexOf('\n', start);
    if (end === -1) end = text.length;
    let next = end + 1;
    const carriageReturn = text.indexOf('\r', start);
    if (carriageReturn !== -1 && carriageReturn < end) {
      end = carriageReturn;
      next = text[end + 1] === '\n' ? end + 2 : end + 1;
    }
    if (end === start) dispatch();
    else if (text.startsWith('data:', start)) {
      const value = text.slice(text[start + 5] === ' ' ? start + 6 : start + 5, end);
      data = data === undefined ? value : `${data}\n${value}`;
    } else if (text.startsWith('event:', start)) {
      event = text.slice(text[start + 6] === ' ' ? start + 7 : start + 6, end);
    }
    start = next;
  }
  dispatch();
  return events;
}
