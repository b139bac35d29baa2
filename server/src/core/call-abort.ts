import type { SluiceError } from './sluice-error.ts';

type Listener = (reason: SluiceError) => void;

/**
 * Says once that a call is given up, and why. What most calls need of an AbortController at a fraction of its cost (an
 * AbortSignal with its listeners is the dearest object of a request); a real signal is made for those who ask.
 */
export class CallAbort {
  #reason: SluiceError | undefined;
  #listeners: Listener[] = [];
  #controller: AbortController | undefined;

  get aborted(): boolean {
    return this.#reason !== undefined;
  }

  get reason(): SluiceError | undefined {
    return this.#reason;
  }

  /** The first reason stays. */
  abort(reason: SluiceError): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    for (const listener of this.#listeners.splice(0)) listener(reason);
  }

  /** Calls the listener once, at once when the call is given up already. Returns how to take it back. */
  onAbort(listener: Listener): () => void {
    if (this.#reason) {
      listener(this.#reason);
      return () => {};
    }
    this.#listeners.push(listener);
    return () => {
      const index = this.#listeners.indexOf(listener);
      if (index !== -1) this.#listeners.splice(index, 1);
    };
  }

  /** The same as an AbortSignal. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#reason) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }
}
