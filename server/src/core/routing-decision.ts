/** What the router expected when it chose by quality, for those who learn from what came of it. */
export interface RoutingDecision {
  /** The last question as the encoder sees it. */
  state: readonly number[];
  /** Who could have answered, the chosen one first. */
  candidates: readonly DecisionCandidate[];
}

export interface DecisionCandidate {
  /** The model's name as groups know it. */
  model: string;
  /** Its deployments, `provider/model`. */
  deployments: readonly string[];
  /** The quality that was expected of its answer to the last question, 0 to 1. */
  expected: number;
}
