import type { CallAbort } from './call-abort.ts';

/** Waits so many milliseconds, or rejects when the call is given up. */
export function sleep(ms: number, abort: CallAbort): Promise<void> {
  return new Promise((resolve, reject) => {
    const letGo = abort.onAbort((reason) => {
      clearTimeout(timer);
      reject(reason);
    });
    const timer = setTimeout(() => {
      letGo();
      resolve();
    }, ms);
    if (abort.aborted) clearTimeout(timer);
  });
}
