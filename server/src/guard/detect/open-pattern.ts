import { windowLength } from '../span.ts';

/** A compiled expression as re2js keeps it: the instructions of Pike's machine. */
export interface Program {
  inst: readonly Instruction[];
  start: number;
}

interface Instruction {
  op: number;
  out: number;
  arg: number;
  matchRune(rune: number): boolean;
}

// The operations of re2js, which are those of Go's regexp/syntax.
const alternative = 1;
const alternativeMatch = 2;
const capture = 3;
const emptyWidth = 4;
const nothing = 7;
const firstRune = 8;
const lastRune = 11;

/**
 * Where the earliest match begins that the text's end leaves open: Pike's machine runs over the last `windowLength` characters
 * with a thread started at each, and whoever is alive at the end could go on. The text's length when nobody is.
 * Conditions of width zero (`\b`, `$`) are taken to hold: what follows is not known.
 */
export function openThread({ inst, start }: Program, text: string): number {
  const from = Math.max(0, text.length - windowLength);
  let threads = new Map<number, number>();
  const starts = startsOf(inst, start);
  for (let at = from; at < text.length; ) {
    const rune = text.codePointAt(at)!;
    // Most characters begin nothing.
    if (threads.size === 0 && !starts.some((step) => step.matchRune(rune))) {
      at += rune > 0xffff ? 2 : 1;
      continue;
    }
    // A thread that began earlier comes first and keeps its place.
    const ready = new Map<number, number>();
    for (const [pc, begun] of threads) follow(pc, begun, ready);
    follow(start, at, ready);
    threads = new Map();
    for (const [pc, begun] of ready) {
      const step = inst[pc]!;
      if (step.op < firstRune || step.op > lastRune || !step.matchRune(rune)) continue;
      const known = threads.get(step.out);
      if (known === undefined || begun < known) threads.set(step.out, begun);
    }
    at += rune > 0xffff ? 2 : 1;
  }
  let earliest = text.length;
  for (const [pc, begun] of threads) if (begun < earliest && mayGoOn(pc)) earliest = begun;
  return earliest;

  function follow(pc: number, begun: number, into: Map<number, number>): void {
    const known = into.get(pc);
    if (known !== undefined && known <= begun) return;
    into.set(pc, begun);
    const step = inst[pc]!;
    if (step.op === alternative || step.op === alternativeMatch) {
      follow(step.out, begun, into);
      follow(step.arg, begun, into);
    } else if (step.op === capture || step.op === nothing || step.op === emptyWidth) follow(step.out, begun, into);
  }

  /** Whether anything but a plain match lies ahead: another character, or a condition that the next one decides. */
  function mayGoOn(pc: number): boolean {
    const reached = new Map<number, number>();
    follow(pc, 0, reached);
    for (const at of reached.keys()) {
      const { op } = inst[at]!;
      if (op === emptyWidth || (op >= firstRune && op <= lastRune)) return true;
    }
    return false;
  }
}

const knownStarts = new WeakMap<readonly Instruction[], Instruction[]>();

/** The instructions that can take the first character of a match. */
function startsOf(inst: readonly Instruction[], start: number): Instruction[] {
  let found = knownStarts.get(inst);
  if (found) return found;
  found = [];
  const seen = new Set<number>();
  const left = [start];
  for (let pc = left.pop(); pc !== undefined; pc = left.pop()) {
    if (seen.has(pc)) continue;
    seen.add(pc);
    const step = inst[pc]!;
    if (step.op >= firstRune && step.op <= lastRune) found.push(step);
    else if (step.op === alternative || step.op === alternativeMatch) left.push(step.out, step.arg);
    else if (step.op === capture || step.op === nothing || step.op === emptyWidth) left.push(step.out);
  }
  knownStarts.set(inst, found);
  return found;
}
