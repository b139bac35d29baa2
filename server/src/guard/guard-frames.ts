import type { AnswerText, AnswerTextKind, ReadableFrame, ReadFrame } from '../core/answer-text.ts';
import type { Frame, Frames } from '../core/frame.ts';
import { editWhole, type TextEditor } from './text-editor.ts';
import { createTextStream, type TextStream } from './text-stream.ts';

interface Held {
  read: ReadableFrame;
  /** For each text the stream that it is a piece of and where it begins there, or what is written instead. */
  places: ({ stream: TextStream; start: number } | { changed: string | undefined })[];
}

/**
 * Frames with their texts edited. A frame waits only while one of its texts, or one before it, may still become part of a find;
 * one without a find passes as it came. Throws what the editor throws; of an answer that breaks off, what was held comes first.
 */
export async function* guardFrames(frames: Frames, read: ReadFrame, editor: TextEditor): Frames {
  const streams = new Map<string, { stream: TextStream; kind: AnswerTextKind; choice: number }>();
  const held: Held[] = [];

  function streamOf({ kind, choice, part }: AnswerText): TextStream {
    const key = `${kind}:${choice}:${part}`;
    let known = streams.get(key);
    if (!known) {
      known = { stream: createTextStream(editor, kind), kind, choice };
      streams.set(key, known);
    }
    return known.stream;
  }

  /** The choice went on to another kind of text, so the ones before are over. */
  function endOthers(kind: AnswerTextKind, choice: number): void {
    for (const each of streams.values()) if (each.choice === choice && each.kind !== kind) each.stream.end();
  }

  function take(frame: ReadableFrame): void {
    const places: Held['places'] = [];
    for (const text of frame.texts) {
      if (text.whole) {
        places.push({ changed: editWhole(editor, text.text, text.kind, !text.repeated) });
        continue;
      }
      endOthers(text.kind, text.choice);
      const stream = streamOf(text);
      places.push({ stream, start: stream.length });
      stream.push(text.text);
    }
    for (const { kind, choice } of frame.begun) endOthers(kind, choice);
    for (const { stream, choice } of streams.values())
      if (frame.ended === 'all' || frame.ended.includes(choice)) stream.end();
    held.push({ read: frame, places });
  }

  function* release(): Generator<Frame> {
    for (let next = held[0]; next && isSettled(next); next = held[0]) {
      held.shift();
      const changed = next.places.map((place, index) =>
        'stream' in place ? place.stream.changed(place.start, next.read.texts[index]!.text) : place.changed,
      );
      yield changed.every((text) => text === undefined) ? next.read.frame : next.read.replace(changed);
    }
  }

  let ours = false;
  try {
    for await (const frame of frames) {
      const readable = read(frame);
      if (!readable) {
        if (held.length === 0) yield frame;
        else held.push({ read: unread(frame), places: [] });
        continue;
      }
      ours = true;
      take(readable);
      ours = false;
      yield* release();
    }
  } catch (thrown) {
    if (ours) throw thrown;
    for (const { stream } of streams.values()) stream.end();
    yield* release();
    throw thrown;
  }
  for (const { stream } of streams.values()) stream.end();
  yield* release();

  function isSettled({ read: { texts }, places }: Held): boolean {
    return places.every(
      (place, index) => !('stream' in place) || place.stream.settled >= place.start + texts[index]!.text.length,
    );
  }
}

const unread = (frame: Frame): ReadableFrame => ({ frame, texts: [], ended: [], begun: [], replace: () => frame });
