import { hashText, mix } from './random.ts';
import { stem, stopWords } from './words.ts';

const placesPerFeature = 12;
const weights = { word: 1, stopWord: 0.15, pair: 0.5, trigram: 0.12 };

/**
 * A unit vector of a text by feature hashing (Weinberger et al., https://arxiv.org/abs/0902.2206): word stems, pairs of
 * neighbouring words and the words' trigrams each add to a few hashed places. Texts that share words lie close together,
 * also when a word is inflected or misspelled; meaning beyond the words is not seen.
 */
export function embed(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  let before = '';
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) {
    const root = stem(word);
    const common = stopWords.has(word);
    add(vector, `w:${root}`, common ? weights.stopWord : weights.word);
    if (!common) {
      if (before) add(vector, `p:${before} ${root}`, weights.pair);
      before = root;
      const framed = `^${word}$`;
      for (let at = 0; at + 3 <= framed.length; at++) add(vector, `t:${framed.slice(at, at + 3)}`, weights.trigram);
    }
  }
  // Signs alone have no words; the text as a whole still gives a vector of its own.
  if (!vector.some((value) => value !== 0)) add(vector, `x:${text}`, 1);
  if (!vector.some((value) => value !== 0)) vector[0] = 1;
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  for (let index = 0; index < dimensions; index++) vector[index] = vector[index]! / length;
  return vector;
}

function add(vector: Float32Array, feature: string, weight: number): void {
  let hash = hashText(feature);
  for (let turn = 0; turn < placesPerFeature; turn++) {
    hash = mix(hash + 0x9e3779b9);
    const place = (hash >>> 1) % vector.length;
    vector[place] = vector[place]! + (hash & 1 ? weight : -weight);
  }
}
