import type { LatencyShape } from './measure/latency.ts';

/** How much is asked: figures for one round of one subject. Peers cost so much that fewer requests say as much. */
export interface Scale {
  rounds: number;
  json: Amount;
  /** With policies; the trial with the cache and the one without share a gateway, and so their warm-up. */
  policyJson: Amount;
  stream: Amount;
  peerJson: Amount;
  peerStream: Amount;
  /** Requests with a wrong key; telling that one is unknown takes a look-up in the database. */
  refused: { mistyped: Amount; unknown: Amount };
  latency: LatencyShape;
  firstToken: LatencyShape;
  /** How long the streams of the memory rows last. */
  memorySeconds: number;
  beside: { rounds: number; streams: number; calls: number };
}

interface Amount {
  requests: number;
  warmUpRequests: number;
}

/** Some 18,000 JSON requests and 2,500 streams a subject. Many short rounds serve better than few long ones: a disturbance spoils one. */
export const fullScale: Scale = {
  rounds: 9,
  // The compilers of both engines work for some 20,000 requests; a server that runs for days has that behind it.
  json: { requests: 2000, warmUpRequests: 24_000 },
  policyJson: { requests: 1500, warmUpRequests: 15_000 },
  stream: { requests: 280, warmUpRequests: 1800 },
  peerJson: { requests: 500, warmUpRequests: 1500 },
  peerStream: { requests: 100, warmUpRequests: 300 },
  refused: {
    mistyped: { requests: 4000, warmUpRequests: 8000 },
    unknown: { requests: 200, warmUpRequests: 400 },
  },
  latency: { rounds: 5, requests: 300 },
  firstToken: { rounds: 5, requests: 150 },
  memorySeconds: 6,
  beside: { rounds: 3, streams: 80, calls: 1000 },
};

/** Enough for a machine that only has to notice a slip. */
export const quickScale: Scale = {
  rounds: 5,
  json: { requests: 1000, warmUpRequests: 2000 },
  policyJson: { requests: 1000, warmUpRequests: 2000 },
  stream: { requests: 120, warmUpRequests: 300 },
  peerJson: { requests: 250, warmUpRequests: 400 },
  peerStream: { requests: 50, warmUpRequests: 80 },
  refused: {
    mistyped: { requests: 1000, warmUpRequests: 1000 },
    unknown: { requests: 60, warmUpRequests: 60 },
  },
  latency: { rounds: 3, requests: 100 },
  firstToken: { rounds: 3, requests: 40 },
  memorySeconds: 3,
  beside: { rounds: 1, streams: 40, calls: 300 },
};

/** Callers at a time, for everything that is measured in processor time. */
export const concurrency = 32;
