import type { Frame } from './frame.ts';

/**
 * What a piece of an answer's text is: words to the reader, thinking, the JSON of a call's arguments as it is written, one text
 * within arguments that came as an object, or the caller's own words come back.
 */
export type AnswerTextKind = 'text' | 'reasoning' | 'arguments' | 'argument-text' | 'echo';

/** One text in a frame, in the order in which it stands there. */
export interface AnswerText {
  kind: AnswerTextKind;
  choice: number;
  /** Tells texts of one kind apart that are written side by side (the calls of one choice). */
  part: string;
  text: string;
  /** The text is complete; else it is a piece of what the frames before and after it hold of the same kind, choice and part. */
  whole: boolean;
  /** It was told before, piece by piece (the `done` events of the Responses API). */
  repeated?: boolean;
}

/** A frame whose texts can be read and replaced. */
export interface ReadableFrame {
  frame: Frame;
  texts: AnswerText[];
  /** Choices that end with this frame; `all` when the answer does. */
  ended: 'all' | readonly number[];
  /** Texts of other kinds begin here without having any letters yet. */
  begun: readonly { kind: AnswerTextKind; choice: number }[];
  /** The frame with other texts, one for each of `texts`; `undefined` leaves it. Bytes of events without a change stay as they came. */
  replace(texts: (string | undefined)[]): Frame;
}

/** Reads a frame; undefined when it is in none of the wires that can be read. */
export type ReadFrame = (frame: Frame) => ReadableFrame | undefined;
