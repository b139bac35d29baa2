import type { Limit } from '../../api/types.ts';
import { printable } from '../../format/text.ts';

/** Whose limit it is: `key key_1f0c9a2b`, `each key`, `organisation`. */
export const describeSubject = ({ subject, subjectId }: Limit): string => {
  if (subjectId !== null) return printable(`${subject} ${subjectId}`);
  return subject === 'organisation' ? subject : `each ${subject}`;
};

export const figureOf = (figure: number | null): string => (figure === null ? '–' : String(figure));
