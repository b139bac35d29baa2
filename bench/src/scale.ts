/** How much is asked: figures for one round of one subject. Portkey costs so much that fewer requests say as much. */
export interface Scale {
  rounds: number;
  json: Amount;
  stream: Amount;
  portkeyJson: Amount;
  portkeyStream: Amount;
  firstToken: { rounds: number; streams: number };
  memory: { streams: number; seconds: number };
}

interface Amount {
  requests: number;
  warmUpRequests: number;
}

/** Some 20,000 JSON requests and 3,000 streams a subject. Many short rounds serve better than few long ones: a disturbance spoils one. */
export const fullScale: Scale = {
  rounds: 11,
  // The compilers of both engines work for some 20,000 requests; a server that runs for days has that behind it.
  json: { requests: 2000, warmUpRequests: 30_000 },
  stream: { requests: 280, warmUpRequests: 2500 },
  portkeyJson: { requests: 500, warmUpRequests: 1500 },
  portkeyStream: { requests: 100, warmUpRequests: 300 },
  firstToken: { rounds: 5, streams: 200 },
  memory: { streams: 500, seconds: 10 },
};

/** Enough for a machine that only has to notice a slip. */
export const quickScale: Scale = {
  rounds: 5,
  json: { requests: 1000, warmUpRequests: 2000 },
  stream: { requests: 120, warmUpRequests: 300 },
  portkeyJson: { requests: 250, warmUpRequests: 400 },
  portkeyStream: { requests: 50, warmUpRequests: 80 },
  firstToken: { rounds: 3, streams: 80 },
  memory: { streams: 500, seconds: 4 },
};

/** Callers at a time, for everything that is measured in processor time. */
export const concurrency = 32;
