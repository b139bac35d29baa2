import type { CallContext } from '../../core/call.ts';
import { CallAbort } from '../../core/call-abort.ts';
import type { Frame, Frames } from '../../core/frame.ts';
import { SluiceError, toSluiceError } from '../../core/sluice-error.ts';

export interface FlightDeps {
  /** The context of the caller who began; its facts are those of the flight. */
  context: CallContext;
  /** Begins the call, with a signal of the flight's own. */
  begin(context: CallContext): Frames;
  /** Beyond so many bytes nobody joins any more, and what everybody has seen is let go. */
  maxHeldBytes: number;
  /** Told once, when the answer is whole. `frames` is all of it. */
  onWhole?(frames: readonly Frame[]): void;
  /** Told once, when nobody can join any more. */
  onClosed(): void;
}

/** What a frame without bytes is taken to weigh. */
const bytesOfEvents = 512;

/**
 * One call to a provider that several callers read. Whoever is ahead asks for the next frame, so a slow reader alone still
 * slows the provider down; who comes late gets what was seen so far. It is given up when its last reader has left.
 */
export class Flight {
  readonly context: CallContext;
  /** Resolves when the call is over, however it ended. */
  readonly over: Promise<void>;
  readonly #abort = new CallAbort();
  readonly #deps: FlightDeps;
  readonly #upstream: Frames;
  readonly #readers = new Set<Reader>();
  #frames: Frame[] = [];
  /** How many frames at the beginning were let go. */
  #gone = 0;
  #heldBytes = 0;
  #advancing: Promise<void> | undefined;
  #end: { error?: SluiceError } | undefined;
  #open = true;
  #resolveOver!: () => void;

  constructor(deps: FlightDeps) {
    this.#deps = deps;
    this.over = new Promise((resolve) => {
      this.#resolveOver = resolve;
    });
    this.context = { ...deps.context, abort: this.#abort };
    this.#upstream = deps.begin(this.context);
  }

  get hasReaders(): boolean {
    return this.#readers.size > 0;
  }

  /** Reads the answer from its beginning. Throws the flight's error, or the abort's reason as soon as this caller gives up. */
  async *read(abort: CallAbort): Frames {
    const reader: Reader = { at: 0 };
    this.#readers.add(reader);
    const letGo = abort.onAbort((reason) => this.#leave(reader, reason));
    try {
      for (;;) {
        if (abort.reason) throw abort.reason;
        const frame = this.#frames[reader.at - this.#gone];
        if (frame) {
          reader.at += 1;
          yield frame;
          continue;
        }
        if (this.#end) {
          if (this.#end.error) throw this.#end.error;
          return;
        }
        await this.#next(abort);
      }
    } finally {
      letGo();
      this.#leave(reader);
      if (this.#readers.size === 0) await this.over;
    }
  }

  /** The next frame or the end, unless this reader's own caller gives up before. */
  #next(abort: CallAbort): Promise<void> {
    this.#advancing ??= this.#advance();
    const advancing = this.#advancing;
    // Alone, the flight's own abort ends the wait, after the provider's side has said what it knows.
    if (this.#readers.size <= 1) return advancing;
    return new Promise((resolve, reject) => {
      const letGo = abort.onAbort(reject);
      advancing.then(() => {
        letGo();
        resolve();
      });
    });
  }

  async #advance(): Promise<void> {
    try {
      const next = await this.#upstream.next();
      if (next.done) this.#finish({});
      else this.#take(next.value);
    } catch (thrown) {
      this.#finish({ error: toSluiceError(thrown) });
    }
    this.#advancing = undefined;
    // The last reader left while this was under way, and the provider answered all the same.
    if (this.#readers.size === 0 && !this.#end) this.#stop(hungUp());
  }

  #stop(reason: SluiceError): void {
    this.#upstream.return().then(
      () => this.#finish({ error: reason }),
      (thrown) => this.#finish({ error: toSluiceError(thrown) }),
    );
  }

  #take(frame: Frame): void {
    this.#frames.push(frame);
    this.#heldBytes += frame.bytes.length || bytesOfEvents;
    if (this.#heldBytes > this.#deps.maxHeldBytes) this.#close();
    if (this.#open) return;
    // Nobody comes any more who would want the beginning.
    const slowest = Math.min(...[...this.#readers].map(({ at }) => at));
    if (slowest > this.#gone && Number.isFinite(slowest)) {
      this.#frames.splice(0, slowest - this.#gone);
      this.#gone = slowest;
    }
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#deps.onClosed();
  }

  #finish(end: { error?: SluiceError }): void {
    if (this.#end) return;
    this.#end = end;
    if (!end.error && this.#gone === 0 && this.#open) this.#deps.onWhole?.(this.#frames);
    this.#close();
    this.#resolveOver();
  }

  /** Without a reason the caller hung up: an error is made only when it is needed, since every answer ends here. */
  #leave(reader: Reader, reason?: SluiceError): void {
    if (!this.#readers.delete(reader) || this.#readers.size > 0 || this.#end) return;
    this.#close();
    // A provider that is being waited for ends by the signal; one that waits for us ends here.
    if (this.#advancing) this.#abort.abort(reason ?? hungUp());
    else this.#stop(reason ?? hungUp());
  }
}

const hungUp = () => new SluiceError('client_closed', 'The caller hung up.');

interface Reader {
  /** The number of the frame it reads next. */
  at: number;
}
