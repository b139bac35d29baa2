import type { StoredAnswer } from './stored-answer.ts';

export interface AnswerMemory<Answer> {
  get(key: string): Answer | undefined;
  put(key: string, answer: Answer): void;
  remove(key: string): void;
  /** Forgets all that the test names; returns how many there were. */
  removeWhere(test: (answer: Answer) => boolean): number;
  /** How many are held and what they weigh, all or those that the test names. */
  count(test?: (answer: Answer) => boolean): { entries: number; bytes: number };
}

/** Answers in this process, by how lately they were used, never more bytes than `maxBytes`. One may take an eighth of it. */
export function createAnswerMemory<Answer extends Pick<StoredAnswer, 'size' | 'expiresAt'>>({
  maxBytes,
  now = Date.now,
}: {
  maxBytes(): number;
  now?: () => number;
}): AnswerMemory<Answer> {
  const answers = new Map<string, Answer>();
  let bytes = 0;

  function remove(key: string): void {
    const answer = answers.get(key);
    if (!answer) return;
    answers.delete(key);
    bytes -= answer.size;
  }

  return {
    get(key) {
      const answer = answers.get(key);
      if (!answer) return undefined;
      if (answer.expiresAt <= now()) {
        remove(key);
        return undefined;
      }
      // The order of a Map is that of insertion: what is used goes to its end.
      answers.delete(key);
      answers.set(key, answer);
      return answer;
    },
    put(key, answer) {
      const most = maxBytes();
      remove(key);
      if (answer.size > most / 8) return;
      answers.set(key, answer);
      bytes += answer.size;
      // A walk that begins at the front passes by all that was taken out since the map was last made anew.
      if (bytes <= most) return;
      for (const oldest of answers.keys()) {
        remove(oldest);
        if (bytes <= most) return;
      }
    },
    remove,
    removeWhere(test) {
      let removed = 0;
      for (const [key, answer] of answers) {
        if (!test(answer)) continue;
        remove(key);
        removed += 1;
      }
      return removed;
    },
    count(test) {
      if (!test) return { entries: answers.size, bytes };
      const sum = { entries: 0, bytes: 0 };
      for (const answer of answers.values()) {
        if (!test(answer)) continue;
        sum.entries += 1;
        sum.bytes += answer.size;
      }
      return sum;
    },
  };
}
