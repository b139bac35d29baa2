// One press reaches this program more than once: from the terminal, and passed on by the programs that started it.
const samePressMs = 100;
const interruptedCode = 130;

/** Ctrl-C: what it stops while something runs, and leaving when nothing does, or when it is pressed again. */
export function watchInterrupts() {
  let running: AbortController | undefined;
  let lastPressMs = Number.NEGATIVE_INFINITY;
  const onPress = () => {
    const nowMs = performance.now();
    const isEcho = nowMs - lastPressMs < samePressMs;
    lastPressMs = nowMs;
    if (isEcho) return;
    if (!running || running.signal.aborted) process.exit(interruptedCode);
    running.abort(new Error('interrupted'));
  };
  process.on('SIGINT', onPress);
  return {
    /** Does the work with a signal that the first press aborts. */
    async during<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
      running = new AbortController();
      lastPressMs = Number.NEGATIVE_INFINITY;
      try {
        return await work(running.signal);
      } finally {
        running = undefined;
      }
    },
    close: () => void process.off('SIGINT', onPress),
    interruptedCode,
  };
}

export type Interrupts = ReturnType<typeof watchInterrupts>;
