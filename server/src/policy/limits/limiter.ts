/** What a meter counts: requests or tokens of the last minute, or calls that run now. */
export type MeterKind = 'requests' | 'tokens' | 'concurrent';

/** One count that a call must fit under. Meters of the same `id` and kind are one count, whatever their limit is now. */
export interface Meter {
  id: string;
  kind: MeterKind;
  limit: number;
  /** What this call takes of it; more than `limit` can never be admitted. */
  amount: number;
  /** For people: whose limit it is. */
  label: string;
}

/** One meter after the question was asked. */
export interface Reading {
  meter: Meter;
  /** What is counted, this call included when it was admitted. */
  used: number;
  /** Until the oldest of what is counted leaves the window; 0 when nothing is. */
  resetMs: number;
  /** Why the call was refused: how long until it would fit, as things stand. Undefined: this meter has room. */
  waitMs?: number;
}

export type Admission =
  | {
      admitted: true;
      readings: Reading[];
      /** Ends the call's hold on what runs, and puts its real tokens in the place of what was taken for them. */
      settle(tokens: number): void;
    }
  | { admitted: false; readings: Reading[] };

/** Counts calls. All meters of a call are asked in one step: either it fits under every one and is counted by all, or by none. */
export interface Limiter {
  admit(meters: readonly Meter[]): Admission | Promise<Admission>;
}

/** Seconds that a window counts: the running one and 60 whole ones before it, so nothing of the last minute is left out. */
export const windowSeconds = 61;
