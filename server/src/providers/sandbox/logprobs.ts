import { Buffer } from 'node:buffer';
import { hashText, mix } from './random.ts';

interface Likelihood {
  token: string;
  logprob: number;
  bytes: number[];
}
export interface TokenLikelihood extends Likelihood {
  top_logprobs: Likelihood[];
}

const alternatives =
  ' the| a| to| and| of| in| is| it| that| for| as| with| on| an| be| this| or| are| by| at| from| not| was| but'.split(
    '|',
  );

/**
 * A made-up but consistent log probability for each token: the chosen one likely (0.6 to 0.99), the others sharing what is
 * left, each half as likely as the one before. The same token at the same place always gets the same figures.
 */
export function tokenLikelihoods(tokens: readonly string[], top: number): TokenLikelihood[] {
  return tokens.map((token, position) => {
    const hash = mix(hashText(token, position) + 1);
    const probability = 0.6 + ((hash % 1000) / 1000) * 0.39;
    const chosen = likelihood(token, probability);
    const top_logprobs: Likelihood[] = top > 0 ? [chosen] : [];
    for (let index = 0, rest = 1 - probability; top_logprobs.length < top; index++) {
      const other = alternatives[(hash + index) % alternatives.length]!;
      if (other === token) continue;
      rest /= 2;
      top_logprobs.push(likelihood(other, rest));
    }
    return { ...chosen, top_logprobs };
  });
}

const likelihood = (token: string, probability: number): Likelihood => ({
  token,
  logprob: Number(Math.log(probability).toFixed(6)),
  bytes: [...Buffer.from(token, 'utf8')],
});
