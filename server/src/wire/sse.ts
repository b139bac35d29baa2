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
  // Where the next of each stands: looked for again only when it was passed, so that a text without CR is not searched once a line.
  let lineFeed = -1;
  let carriageReturn = -1;
  const dispatch = () => {
    if (data !== undefined) events.push(event === undefined ? { data } : { event, data });
    event = undefined;
    data = undefined;
  };
  while (start < text.length) {
    if (lineFeed < start) lineFeed = indexOrEnd(text, '\n', start);
    if (carriageReturn < start) carriageReturn = indexOrEnd(text, '\r', start);
    const end = Math.min(lineFeed, carriageReturn);
    const next = end === carriageReturn && text[end + 1] === '\n' ? end + 2 : end + 1;
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

function indexOrEnd(text: string, mark: string, from: number): number {
  const index = text.indexOf(mark, from);
  return index === -1 ? text.length : index;
}
