export type { CreatedKey, Key } from '../../../shared/src/keys.ts';

/** The objects of the platform API (`/api/v1`), as far as the command line reads them; `/openapi.json` describes all. */
export interface Limit {
  id: string;
  subject: string;
  subjectId: string | null;
  model: string | null;
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  concurrent: number | null;
}

export interface Model {
  id: string;
  provider: string;
  upstream?: string;
  name?: string;
  context?: number;
  maxOutput?: number;
  capabilities?: string[];
  /** US dollars per million tokens. */
  price?: { input?: number; output?: number };
}

/** A row of `/v1/models`, which lists aliases and groups too and leaves out what the key may not use. */
export interface ListedModel {
  id: string;
  owned_by: string;
  context_window?: number;
  max_output_tokens?: number;
  capabilities?: string[];
  pricing?: Model['price'];
}

export interface Provider {
  id: string;
  kind: string;
  local: boolean;
  wires: string[];
  credentials: string[];
  models: number;
}

export interface ProviderTest {
  id: string;
  reachable: boolean;
  keyValid: boolean | null;
  models: number | null;
  latencyMs: number;
  detail: string;
}

export interface Sums {
  requests: number;
  errors: number;
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
  totalTokens: number;
  costUsd: string;
  savedUsd: string;
  unpriced: number;
}

export interface UsageRow extends Sums {
  group: string;
}

interface Percentiles {
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

export interface Stats extends Sums {
  latencyMs: Percentiles;
  firstTokenMs: Percentiles;
}

/** A row of the ledger. */
export interface Call {
  requestId: string;
  modelAsked: string;
  modelUsed: string | null;
  route: string | null;
  input: number;
  cacheRead: number;
  cacheWrite: number;
  cacheWrite1h: number;
  audioInput: number;
  output: number;
  reasoning: number;
  audioOutput: number;
  costUsd: string | null;
  savedUsd: string | null;
  latencyMs: number;
  firstTokenMs: number | null;
  outcome: string;
}

type Status = 'active' | 'suspended';

export interface Organisation {
  id: string;
  name: string;
  slug: string;
  status: Status;
  /** One's own role in it. */
  role: string | null;
}

export interface Team {
  id: string;
  organisationId: string;
  name: string;
  status: Status;
  permissions: string[] | null;
}

export interface TeamMember {
  id: string;
  name: string;
  email: string;
  role: string;
}

export interface User {
  id: string;
  name: string;
  email: string;
  operator: boolean;
  status: Status;
  memberships: { organisationId: string; role: string; status: Status }[];
}

export interface Role {
  id: string;
  name: string;
  builtIn: boolean;
  organisationId: string | null;
  permissions: string[];
}

export interface Invitation {
  id: string;
  organisationId: string;
  email: string;
  role: string;
  createdAt: string;
  expiresAt: string;
  acceptedAt: string | null;
  revokedAt: string | null;
}

export interface CreatedInvitation extends Invitation {
  token: string;
}

export interface Guardrail {
  id: string;
  /** `gateway`: it stands in sluice.yaml. */
  source: 'organisation' | 'gateway';
  name: string;
  order: number | null;
  enabled: boolean;
  on: 'input' | 'output' | 'both';
  check: { kind: string };
  action: string;
  route: { localOnly?: boolean; group?: string } | null;
  keyId: string | null;
  teamId: string | null;
  group: string | null;
}

export interface GuardrailTrial {
  /** As it would go on. */
  text: string;
  blocked: boolean;
  rules: {
    rule: string;
    action: string;
    found: boolean;
    places: { label: string; start: number; end: number }[];
    because?: string;
    skipped?: string;
  }[];
}
