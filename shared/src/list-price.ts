/** US dollars per million tokens, as providers publish them. A missing price is unknown, never 0. */
export interface ListPrice {
  input?: number;
  output?: number;
  cacheRead?: number;
  cacheWrite?: number;
  cacheWrite1h?: number;
  audioInput?: number;
  audioOutput?: number;
}
