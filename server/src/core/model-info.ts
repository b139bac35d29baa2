import type { ListPrice } from './money.ts';

export const capabilities = [
  'tools',
  'vision',
  'documents',
  'audio-in',
  'video-in',
  'audio-out',
  'image-out',
  'reasoning',
  'structured-output',
  'temperature',
  'embeddings',
] as const;
export type Capability = (typeof capabilities)[number];

/** A price that holds from a number of input tokens on (long-context tiers). */
export interface PriceTier {
  aboveInputTokens: number;
  price: ListPrice;
}

/** What is known of one model at one provider. Absent: unknown (an unknown price is null in the ledger, never 0). */
export interface ModelInfo {
  /** The provider's id in the catalogue, e.g. `openai`. */
  provider: string;
  /** The provider's own name of the model, e.g. `gpt-5-mini`. */
  id: string;
  name?: string;
  family?: string;
  /** ISO date. */
  released?: string;
  /** The context window, tokens in and out together. */
  context?: number;
  maxOutput?: number;
  /** Undefined: nothing is known, so nothing is refused. */
  capabilities?: readonly Capability[];
  price?: ListPrice;
  tiers?: readonly PriceTier[];
  openWeights?: boolean;
  /** Where the figures come from, e.g. `models.dev 2026-07-02`. */
  source?: string;
}
