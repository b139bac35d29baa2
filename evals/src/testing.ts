import { featuresOf } from '../../shared/src/routing/features.ts';
import type { Row } from './rows.ts';
import { seededRandom } from './seeded-random.ts';

/** A row with what a test does not name. */
export function row(fields: Partial<Row> = {}): Row {
  const prompt = fields.prompt ?? 'Say hello';
  return {
    id: 'r1',
    source: 'test',
    category: 'test',
    prompt,
    outcomes: {},
    split: 'train',
    features: featuresOf(prompt),
    ...fields,
  };
}

const subjects = {
  maths: ['equation', 'integer', 'triangle', 'compute the sum', 'prime number', 'matrix'],
  poems: ['poem', 'rhyme', 'verse about the sea', 'ballad', 'sonnet', 'lyric'],
};

/**
 * Made-up traffic of two kinds: `small-7b` can write poems and no maths, `large-70b` can do both, `other-70b` neither well. Nothing but
 * the words tells the kinds apart.
 */
export function madeUpRows(source: string, count: number, seed = 1): Row[] {
  const random = seededRandom(seed);
  const draw = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  return Array.from({ length: count }, (_, at) => {
    const kind = random() < 0.5 ? 'maths' : 'poems';
    const prompt = `Please ${draw(['take', 'consider', 'begin with'])} the ${draw(subjects[kind])} and the ${draw(subjects[kind])}.`;
    const right = (chance: number) => Number(random() < chance);
    return row({
      id: `${source}/${at}`,
      source,
      category: kind,
      prompt,
      outcomes: {
        'small-7b': right(kind === 'poems' ? 0.9 : 0.1),
        'large-70b': right(0.9),
        'other-70b': right(0.3),
      },
      split: at % 4 === 0 ? 'cal' : 'train',
    });
  });
}
