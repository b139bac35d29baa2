import { createInterface, type Interface } from 'node:readline';

export interface Prompt {
  text: string;
  /** Newest first; what is read is added. */
  history: string[];
  /** Told when Ctrl-C is pressed on an empty line. */
  onInterrupt(): void;
}

/**
 * Reads a message from the terminal: a line, or all the lines that were pasted at once. Undefined at the end of input, or
 * when Ctrl-C is pressed twice on an empty line.
 */
export function readMessage({ text, history, onInterrupt }: Prompt): Promise<string | undefined> {
  return new Promise((resolve) => {
    // A reader for each message: while an answer comes, the terminal is in its usual mode and Ctrl-C is a signal.
    const reader = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      history: [...history],
      prompt: text,
    });
    // A prompt of two lines would wipe what stands above it when the line is drawn again.
    process.stdout.write('\n');
    const lines: string[] = [];
    let result: string | undefined;
    let presses = 0;
    reader.on('line', (line) => {
      lines.push(line);
      // Pasted lines arrive in one turn of the event loop; one without an end waits for Enter.
      setImmediate(() => {
        if (result !== undefined || reader.line !== '') return;
        result = lines.join('\n');
        reader.close();
      });
    });
    reader.on('SIGINT', () => {
      if (reader.line !== '' || lines.length > 0) {
        lines.length = 0;
        presses = 0;
        clearLine(reader);
      } else if (++presses === 2) reader.close();
      else {
        process.stdout.write('\n');
        onInterrupt();
      }
      if (presses < 2) reader.prompt();
    });
    reader.on('close', () => {
      if (result === undefined) process.stdout.write('\n');
      else if (result.trim() !== '' && history[0] !== result) history.unshift(result);
      resolve(result);
    });
    reader.prompt();
  });
}

/** Ends the line that is being written, as a shell does. */
function clearLine(reader: Interface): void {
  reader.write(null, { ctrl: true, name: 'e' });
  reader.write(null, { ctrl: true, name: 'u' });
}
