import { type Atom, type Form, formOf, literal } from './open-run.ts';

/** A token that its maker gave a form of its own. */
export interface SecretForm extends Form {
  name: string;
  /** The form is not enough: what else must hold. */
  isSecret?(found: string): boolean;
}

const some = (set: string, least: number): Atom => [`[${set}]{${least},}`, `[${set}]*`];
const exactly = (set: string, count: number): Atom => [`[${set}]{${count}}`, `[${set}]{0,${count}}`];
const alnum = 'A-Za-z0-9';
const wordy = 'A-Za-z0-9_\\-';

const form = (
  name: string,
  begins: string,
  rest: readonly Atom[],
  isSecret?: (found: string) => boolean,
): SecretForm => ({
  name,
  ...(isSecret && { isSecret }),
  // Only at the beginning of a run: a form that could begin anywhere within one would be tried at every place of a long run.
  ...formOf([...literal(begins), ...rest], { before: `[${wordy}]`, after: `[${wordy}]` }),
});

/** Chosen at random, not made of words: digits and letters of both cases. */
const isMixed = (found: string): boolean => {
  const body = found.slice(3);
  return /\d/.test(body) && /[a-z]/.test(body) && /[A-Z]/.test(body);
};

/**
 * Tokens by their makers' published prefixes and lengths. `least` lengths are those of the shortest that were ever given out,
 * so that a prefix in prose (`sk-learn`, `hf_hub`) is no token.
 */
export const secretForms: SecretForm[] = [
  form('sluice', 'sl_live_', [exactly(alnum, 33)]),
  form('anthropic', 'sk-ant-', [some(wordy, 20)]),
  form('openrouter', 'sk-or-v1-', [some('a-f0-9', 32)]),
  form('openai', 'sk-', [some(wordy, 20)], isMixed),
  form('aws', 'A', ['(?:KIA|SIA|BIA|CCA)', exactly('A-Z2-7', 16)].map(asPart)),
  form('google', 'AIza', [exactly(wordy, 35)]),
  form('google-oauth', 'ya29.', [some(wordy, 20)]),
  form('google-client', 'GOCSPX-', [exactly(wordy, 28)]),
  form('github', 'gh', ['[pousr]', '_', some(alnum, 36)]),
  form('github', 'github_pat_', [some('A-Za-z0-9_', 22)]),
  form('gitlab', 'glpat-', [some(wordy, 20)]),
  form('slack', 'xox', ['[abeoprs]', '-', some('A-Za-z0-9\\-', 10)], (found) => /\d/.test(found)),
  form('slack', 'xapp-', [some('A-Za-z0-9\\-', 20)], (found) => /\d/.test(found)),
  form('stripe', 'sk_', ['(?:live|test)', '_', some(alnum, 16)].map(asPart)),
  form('stripe', 'rk_', ['(?:live|test)', '_', some(alnum, 16)].map(asPart)),
  form('stripe', 'whsec_', [some(alnum, 24)]),
  form('huggingface', 'hf_', [some(alnum, 30)]),
  form('groq', 'gsk_', [some(alnum, 40)]),
  form('xai', 'xai-', [some(alnum, 40)]),
  form('sendgrid', 'SG.', [exactly(wordy, 22), '\\.', exactly(wordy, 43)]),
  form('npm', 'npm_', [exactly(alnum, 36)]),
  form('pypi', 'pypi-', [some(wordy, 50)]),
  form('digitalocean', 'dop_v1_', [exactly('a-f0-9', 64)]),
  form('jwt', 'eyJ', [some(wordy, 8), '\\.', ...literal('eyJ'), some(wordy, 8), '\\.', some(wordy, 8)]),
];

/** Alternatives of several characters, as far as they are written. */
function asPart(atom: Atom): Atom {
  if (typeof atom !== 'string' || !atom.startsWith('(?:')) return atom;
  const words = atom.slice(3, -1).split('|');
  const beginnings = new Set(words.flatMap((word) => [...word].map((_, index) => word.slice(0, index + 1))));
  return [atom, `(?:${[...beginnings].sort((a, b) => b.length - a.length).join('|')})`];
}
