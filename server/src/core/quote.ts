/** What a call may come to at one place that could answer it, before anybody was asked. */
export interface Quote {
  /** `provider/model`. */
  deployment: string;
  /** The input as it probably is. */
  inputTokens: number;
  /** The longest answer that the call allows there. */
  outputTokens: number;
  /** At the most, input and output together: the input is taken twice, for estimates err. */
  worstTokens: number;
  /** Nano-dollars; null when the price is unknown. */
  worstNanos: number | null;
  /** The probable input alone; null when the price is unknown. */
  inputNanos: number | null;
  /** Nano-dollars per million tokens, three of input to one of output; null when unknown. */
  blendedNanos: number | null;
}
