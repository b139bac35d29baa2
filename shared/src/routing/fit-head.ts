import type { Head } from './quality-model.ts';

export interface GradedState {
  state: ArrayLike<number>;
  /** From 0 (bad) to 1 (good). */
  outcome: number;
  /** How much it counts, 1 unless said; the inverse of the chance with which it was looked at, or less when it is old. */
  weight?: number;
}

/**
 * The head that explains graded answers best and is no further from `start` than they warrant: logistic regression by Newton's
 * method, held to `start` by a ridge. `strength` is the ridge of the weights; the bias, which a model's level stands in, is held
 * half as firmly. Without labels it gives back `start`.
 */
export function fitHead(graded: readonly GradedState[], start: Head, strength = 2): Head {
  const size = start.weights.length + 1;
  const held = Float64Array.from([start.bias, ...start.weights]);
  const ridge = Float64Array.from(held, (_, at) => (at === 0 ? strength / 2 : strength));
  let head = held.slice();
  for (let round = 0; round < 15; round++) {
    const slope = held.map((from, at) => ridge[at]! * (head[at]! - from));
    const curve = Array.from({ length: size }, (_, row) => {
      const line = new Float64Array(size);
      line[row] = ridge[row]!;
      return line;
    });
    for (const { state, outcome, weight = 1 } of graded) {
      let logit = head[0]!;
      for (let at = 1; at < size; at++) logit += head[at]! * state[at - 1]!;
      const chance = 1 / (1 + Math.exp(-logit));
      const error = weight * (chance - outcome);
      const bend = weight * chance * (1 - chance);
      for (let row = 0; row < size; row++) {
        const value = row === 0 ? 1 : state[row - 1]!;
        slope[row]! += error * value;
        for (let column = 0; column <= row; column++)
          curve[row]![column]! += bend * value * (column === 0 ? 1 : state[column - 1]!);
      }
    }
    const move = solveSymmetric(curve, slope);
    // A step so long that it leaves the range of a logit has overshot.
    const longest = Math.max(...move.map(Math.abs));
    const scale = longest > 4 ? 4 / longest : 1;
    head = head.map((value, at) => value - scale * move[at]!);
    if (longest < 1e-6) break;
  }
  return { bias: head[0]!, weights: [...head.subarray(1)] };
}

/** Solves A x = b for a positive definite A of which the lower half is given (Cholesky). */
function solveSymmetric(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const size = right.length;
  const lower = matrix.map((row) => row.slice());
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = lower[row]![column]!;
      for (let at = 0; at < column; at++) sum -= lower[row]![at]! * lower[column]![at]!;
      lower[row]![column] = row === column ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[column]![column]!;
    }
  }
  const solution = right.slice();
  for (let row = 0; row < size; row++) {
    for (let at = 0; at < row; at++) solution[row]! -= lower[row]![at]! * solution[at]!;
    solution[row]! /= lower[row]![row]!;
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let at = row + 1; at < size; at++) solution[row]! -= lower[at]![row]! * solution[at]!;
    solution[row]! /= lower[row]![row]!;
  }
  return solution;
}
