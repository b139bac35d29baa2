import type { AnswerTextKind } from '../core/answer-text.ts';
import { contextLength } from './span.ts';
import { createJsonStrings, type Edit, type TextEditor } from './text-editor.ts';

/**
 * One text that comes in pieces. Holds back only what may still become a find, `editor.window` characters at most; offsets
 * count from the text's beginning.
 */
export function createTextStream(editor: TextEditor, kind: AnswerTextKind) {
  /** What was not settled when it was last looked at, after some of what was, as context. */
  let buffer = '';
  let base = 0;
  let length = 0;
  let settled = 0;
  let edits: Edit[] = [];
  let growing: Edit | undefined;
  const strings = kind === 'arguments' ? createJsonStrings() : undefined;
  let passed = 0;

  function look(final: boolean): void {
    if (growing && !grow(final)) return;
    const from = settled - base;
    if (from >= buffer.length) return;
    const open = final ? buffer.length : Math.max(from, editor.openFrom(buffer, kind));
    // What must go now, open or not.
    const due = buffer.length - editor.window;
    let until = open;
    for (const edit of editor.edits(buffer, kind, from)) {
      if (edit.start >= edit.end) continue;
      const reachesEnd = !final && edit.end === buffer.length;
      if (reachesEnd && edit.goesOn && 'until' in edit.goesOn) {
        // What it is needs no more to be known, only where it ends.
        growing = commit(edit);
        break;
      }
      if (edit.end <= open) {
        commit(edit);
        continue;
      }
      if (edit.start <= due) {
        // It is longer than may be held: what it is so far is what it is, and it may go on.
        growing = commit(edit);
        until = Math.max(until, edit.end);
        if (!edit.goesOn) growing = undefined;
        continue;
      }
      until = Math.min(until, edit.start);
      break;
    }
    settle(Math.max(until, due));
    // A find that grows reaches to the end of what there is.
    if (growing) settle(buffer.length);
  }

  function commit(found: Edit): Edit {
    editor.found(found);
    const edit: Edit = { ...found, start: Math.max(base + found.start, settled), end: base + found.end };
    if (strings) {
      pass(edit.start);
      if (edit.replacement !== undefined) edit.replacement = strings.written(edit.replacement);
    }
    if (edit.replacement !== undefined) edits.push(edit);
    return edit;
  }

  /** Whether the find that was growing has ended. */
  function grow(final: boolean): boolean {
    const edit = growing!;
    const goesOn = edit.goesOn!;
    const from = settled - base;
    let end = buffer.length;
    if ('whilst' in goesOn) {
      end = from;
      while (end < buffer.length && goesOn.whilst.test(buffer[end]!)) end++;
    } else {
      const back = Math.max(0, from - contextLength);
      const closing = goesOn.until.exec(buffer.slice(back));
      if (closing) end = Math.max(from, back + closing.index + closing[0].length);
    }
    edit.end = base + end;
    const ended = end < buffer.length || final;
    settle(end);
    if (!ended) return false;
    growing = undefined;
    return true;
  }

  function settle(until: number): void {
    settled = Math.max(settled, base + Math.min(until, buffer.length));
    pass(settled);
    const keep = settled - base - contextLength;
    if (keep <= contextLength) return;
    buffer = buffer.slice(keep);
    base += keep;
  }

  function pass(until: number): void {
    if (!strings || until <= passed) return;
    strings.pass(buffer.slice(passed - base, until - base));
    passed = until;
  }

  return {
    /** Takes the next piece. Throws what `editor.found` throws. */
    push(text: string): void {
      buffer += text;
      length += text.length;
      look(false);
    },
    /** The text is over: nothing of it is open any more. */
    end(): void {
      look(true);
    },
    get length(): number {
      return length;
    },
    /** Everything before this offset is decided. */
    get settled(): number {
      return settled;
    },
    /** What is to be written instead of the piece that began at `start`; undefined when it stays as it is. Asked for in order. */
    changed(start: number, text: string): string | undefined {
      const end = start + text.length;
      let changed: string | undefined;
      let at = start;
      for (const edit of edits) {
        if (edit.end <= start || edit.start >= end) continue;
        changed ??= '';
        if (edit.start >= start) changed += text.slice(at - start, edit.start - start) + edit.replacement;
        at = Math.min(end, edit.end);
      }
      edits = edits.filter((edit) => edit.end > end || edit === growing);
      return changed === undefined ? undefined : changed + text.slice(at - start);
    },
  };
}

export type TextStream = ReturnType<typeof createTextStream>;
