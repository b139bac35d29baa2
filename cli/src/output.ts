import picocolors from 'picocolors';
import type { Environment } from './command.ts';

export type Colours = ReturnType<typeof picocolors.createColors>;

interface Stream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** Where a command writes: what was asked for to stdout, everything said beside it to stderr. */
export interface Output {
  json: boolean;
  /** Colours of stdout; they do nothing when it is not a terminal, or NO_COLOR is set. */
  colours: Colours;
  /** Colours of stderr. */
  asideColours: Colours;
  /** Columns there are: of the terminal, else 80. */
  width: number;
  isTerminal: boolean;
  /** The result: the value with `--json`, else the text. */
  print(value: unknown, text: () => string): void;
  /** Writes to stdout as it stands, without an end of line. */
  write(text: string): void;
  /** A line for people, on stderr. */
  aside(text: string): void;
  /** A line for people that `--json` leaves out. */
  note(text: string): void;
}

export function createOutput(stdout: Stream, stderr: Stream, environment: Environment, json: boolean): Output {
  const wantsColour = !environment.NO_COLOR && environment.TERM !== 'dumb';
  const aside = (text: string) => void stderr.write(`${text}\n`);
  return {
    json,
    colours: picocolors.createColors(wantsColour && stdout.isTTY === true),
    asideColours: picocolors.createColors(wantsColour && stderr.isTTY === true),
    width: Math.max(40, (stdout.isTTY && stdout.columns) || 80),
    isTerminal: stdout.isTTY === true,
    print(value, text) {
      stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${text()}\n`);
    },
    write: (text) => void stdout.write(text),
    aside,
    note(text) {
      if (!json) aside(text);
    },
  };
}
