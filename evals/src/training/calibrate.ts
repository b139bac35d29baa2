import { type Head, qualityAt } from '../../../shared/src/routing/quality-model.ts';
import type { Row } from '../rows.ts';
import type { Network } from './train-network.ts';
import { statesOf } from './train-network.ts';

/**
 * Stretches and shifts each head so that its chances come true on rows that training did not see (Platt 1999). Few labels move a
 * head little: it is held to what it was as if by `strength` labels.
 */
export function calibrate(network: Network, rows: readonly Row[], strength = 25): Network {
  const states = statesOf(network.encoder, rows);
  const heads = new Map<string, Head>();
  for (const [model, head] of network.heads) {
    const graded: { logit: number; outcome: number }[] = [];
    rows.forEach(({ outcomes }, at) => {
      const outcome = outcomes[model];
      if (outcome === undefined) return;
      const quality = qualityAt(head, states[at]!);
      graded.push({ logit: Math.log(quality / (1 - quality)), outcome });
    });
    const { stretch, shift } = fitLine(graded, strength);
    heads.set(model, { bias: head.bias * stretch + shift, weights: head.weights.map((weight) => weight * stretch) });
  }
  return { encoder: network.encoder, heads };
}

/** sigmoid(stretch * logit + shift) by Newton's method, held to 1 and 0. */
function fitLine(
  graded: readonly { logit: number; outcome: number }[],
  strength: number,
): { stretch: number; shift: number } {
  let stretch = 1;
  let shift = 0;
  const hold = strength / 4;
  for (let round = 0; round < 20; round++) {
    let slopeStretch = hold * (stretch - 1);
    let slopeShift = hold * shift;
    let curveStretch = hold;
    let curveBoth = 0;
    let curveShift = hold;
    for (const { logit, outcome } of graded) {
      const chance = 1 / (1 + Math.exp(-(stretch * logit + shift)));
      const error = chance - outcome;
      const curve = chance * (1 - chance);
      slopeStretch += error * logit;
      slopeShift += error;
      curveStretch += curve * logit * logit;
      curveBoth += curve * logit;
      curveShift += curve;
    }
    const determinant = curveStretch * curveShift - curveBoth * curveBoth;
    const moveStretch = (curveShift * slopeStretch - curveBoth * slopeShift) / determinant;
    const moveShift = (curveStretch * slopeShift - curveBoth * slopeStretch) / determinant;
    stretch -= moveStretch;
    shift -= moveShift;
    if (Math.abs(moveStretch) + Math.abs(moveShift) < 1e-9) break;
  }
  // A head that points the wrong way on few rows is silenced, not turned round.
  return { stretch: Math.max(0, stretch), shift };
}
