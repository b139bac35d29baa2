/** A budget with where it stands; amounts are US dollars or tokens, by `unit`, as decimal texts. */
export interface Budget {
  id: string;
  name: string;
  scope: string;
  target: string | null;
  unit: 'usd' | 'tokens';
  limit: string;
  window: string;
  hard: boolean;
  thresholds: number[];
  spent: string | null;
  held: string | null;
  left: string | null;
  resetsAt: string | null;
}

export interface Plan {
  id: string;
  name: string;
  tokensPerMonth: number | null;
  models: string[] | null;
  maxPriceUsd: string | null;
}
