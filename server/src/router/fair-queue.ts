/** Somebody who waits. */
export interface Waiter {
  /** Whose turn it would be: waiters of one flow take turns with those of others. */
  flow: string;
  /** Where it stands among all; set when it joins. */
  tag: number;
}

/**
 * A line in which flows take turns: start-time fair queueing (Goyal, Vin and Cheng 1996) with the same cost for every call.
 * Whoever joins is at most one turn of every other flow away from its own first turn, however many others a flow has sent.
 */
export class FairQueue<Each extends Waiter> {
  readonly #flows = new Map<string, Each[]>();
  /** Where each flow's next would stand: one that comes back at once does not go before those who waited meanwhile. */
  readonly #finishes = new Map<string, number>();
  #now = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /**
   * Joins behind its own flow; with `again`, at the place that it had before. When the line is full, the last of the longest
   * flow is put out, so that a flood cannot keep others out: it is returned, and may be the newcomer itself.
   */
  join(waiter: Each, maxLength: number, again = false): Each | undefined {
    const flow = this.#flows.get(waiter.flow);
    if (!again) waiter.tag = this.#stamp(waiter.flow);
    if (!flow) this.#flows.set(waiter.flow, [waiter]);
    else {
      const later = again ? flow.findIndex(({ tag }) => tag > waiter.tag) : -1;
      flow.splice(later === -1 ? flow.length : later, 0, waiter);
    }
    this.#length += 1;
    if (this.#length <= maxLength) return undefined;
    let longest: Each[] = this.#flows.get(waiter.flow)!;
    for (const each of this.#flows.values()) if (each.length > longest.length) longest = each;
    const last = longest.at(-1)!;
    this.leave(last);
    return last;
  }

  /** The tag of one who is called without waiting, because nobody waits. */
  pass(flow: string): number {
    const tag = this.#stamp(flow);
    this.#serve(tag);
    return tag;
  }

  /** Whose turn is next, without taking it. */
  peek(): Each | undefined {
    let next: Each | undefined;
    for (const [first] of this.#flows.values()) if (first && (!next || first.tag < next.tag)) next = first;
    return next;
  }

  /** Takes the next one. */
  take(): Each | undefined {
    const next = this.peek();
    if (!next) return undefined;
    this.leave(next);
    this.#serve(next.tag);
    return next;
  }

  /** Gives up waiting; nothing happens when it does not wait. */
  leave(waiter: Each): void {
    const flow = this.#flows.get(waiter.flow);
    const index = flow?.indexOf(waiter) ?? -1;
    if (!flow || index === -1) return;
    flow.splice(index, 1);
    this.#length -= 1;
    if (flow.length === 0) this.#flows.delete(waiter.flow);
  }

  #stamp(flow: string): number {
    const tag = Math.max(this.#now, this.#finishes.get(flow) ?? 0);
    this.#finishes.set(flow, tag + 1);
    return tag;
  }

  #serve(tag: number): void {
    this.#now = Math.max(this.#now, tag);
    if (this.#finishes.size <= 2 * this.#flows.size + 100) return;
    for (const [flow, finish] of this.#finishes) if (finish <= this.#now) this.#finishes.delete(flow);
  }
}
