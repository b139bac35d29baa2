/** How far one limit is used, as the headers of an answer say it. */
export interface LimitStanding {
  limit: number;
  /** What may still be asked now; never below 0. */
  remaining: number;
  /** Milliseconds until `remaining` grows, when nothing more is asked; 0: nothing is counted. */
  resetMs: number;
}

/** The tightest of the limits that hold for a call, by what they count a minute. */
export interface RateStanding {
  requests: LimitStanding | undefined;
  tokens: LimitStanding | undefined;
}
