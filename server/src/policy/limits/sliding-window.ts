import { windowSeconds } from './limiter.ts';

/**
 * A count of the last minute, kept a second at a time. What is counted holds for 60 to 61 s: in no 60 s is more admitted than
 * the limit, and nobody is held back more than a second longer than by a list of every call. Memory does not grow with calls.
 */
export class SlidingWindow {
  readonly #counts = new Int32Array(windowSeconds);
  #head = 0;
  #sum = 0;

  /** What is counted now. */
  used(second: number): number {
    this.#advance(second);
    return this.#sum;
  }

  /** Counts `amount`; a negative one takes back what was counted at that second, when it still is. */
  add(amount: number, second: number, now: number = second): void {
    this.#advance(now);
    if (second <= this.#head - windowSeconds) return;
    const slot = second % windowSeconds;
    const change = Math.max(amount, -this.#counts[slot]!);
    this.#counts[slot]! += change;
    this.#sum += change;
  }

  /** Milliseconds until `amount` of what is counted has left, when nothing comes after it. */
  msUntilFree(amount: number, nowMs: number): number {
    const second = Math.floor(nowMs / 1000);
    this.#advance(second);
    let freed = 0;
    for (let at = second - windowSeconds + 1; at <= second; at++) {
      if (at < 0) continue;
      freed += this.#counts[at % windowSeconds]!;
      if (freed > 0 && freed >= amount) return (at + windowSeconds) * 1000 - nowMs;
    }
    return 0;
  }

  #advance(second: number): void {
    if (second <= this.#head) return;
    if (second - this.#head >= windowSeconds) {
      this.#counts.fill(0);
      this.#sum = 0;
    } else if (this.#sum > 0) {
      for (let at = this.#head + 1; at <= second; at++) {
        const slot = at % windowSeconds;
        this.#sum -= this.#counts[slot]!;
        this.#counts[slot] = 0;
      }
    }
    this.#head = second;
  }
}
