import type { SluiceError } from '../core/sluice-error.ts';
import type { Target } from '../core/target.ts';

export interface HealthSettings {
  /** How long a credential rests after a 429 that does not say. */
  cooldownMs: number;
  /** Failures in a row that open a deployment's circuit. */
  breakerFailures: number;
  /** How long an open circuit refuses calls before one probe may pass. */
  breakerOpenMs: number;
}

/** Why a target rests, as the error that a caller gets when nothing else is left. */
export type RestCode = 'upstream_rate_limited' | 'upstream_credential' | 'quota_exhausted' | 'no_target';
export type Availability = { open: true } | { open: false; retryAfterMs: number; because: RestCode };

/** A credential that rests, as another process is told of it. */
export interface Rest {
  /** `provider/credential`. */
  key: string;
  /** From now on. */
  ms: number;
  because: RestCode;
}

interface Breaker {
  failures: number;
  openUntilMs: number;
  /** A half-open circuit lets one call through at a time. */
  probing: boolean;
}

/** Retry-After beyond this is not believed for a cooldown: the credential is tried again after a minute. */
const maxCooldownMs = 60_000;
/** A credential that the provider refused stays aside this long: only its owner can mend it. */
const refusedCooldownMs = 60_000;

export interface HealthDeps {
  settings: () => HealthSettings;
  /** Told when a credential begins to rest because of what a provider said to this process. */
  onRest?(rest: Rest): void;
  /** Monotonic milliseconds. */
  nowMs?: () => number;
}

/** Which credentials rest and which deployments are broken, as this process knows. */
export function createHealth({ settings, onRest, nowMs = () => performance.now() }: HealthDeps) {
  const cooldowns = new Map<string, { untilMs: number; because: RestCode }>();
  const breakers = new Map<string, Breaker>();
  const credentialKey = ({ deployment, credential }: Target) => `${deployment.provider}/${credential}`;

  function rest({ key, ms, because }: Rest): void {
    cooldowns.set(key, { untilMs: nowMs() + Math.min(ms, maxCooldownMs), because });
  }

  function cool(target: Target, ms: number, because: RestCode): void {
    const begun: Rest = { key: credentialKey(target), ms, because };
    rest(begun);
    onRest?.(begun);
  }

  return {
    /** Whether a target may be called now; if not, how long until it may. */
    availability(target: Target): Availability {
      const now = nowMs();
      const cooldown = cooldowns.get(credentialKey(target));
      if (cooldown) {
        if (cooldown.untilMs > now)
          return { open: false, retryAfterMs: cooldown.untilMs - now, because: cooldown.because };
        cooldowns.delete(credentialKey(target));
      }
      const breaker = breakers.get(target.deployment.id);
      if (!breaker || breaker.openUntilMs === 0) return { open: true };
      if (breaker.openUntilMs > now)
        return { open: false, retryAfterMs: breaker.openUntilMs - now, because: 'no_target' };
      return breaker.probing ? { open: false, retryAfterMs: 1000, because: 'no_target' } : { open: true };
    },
    /** Lets a credential rest because of what a provider said to another process. */
    rest,
    /** Marks the start of a call, so that a half-open circuit is probed by one call only. */
    begin(target: Target): void {
      const breaker = breakers.get(target.deployment.id);
      if (breaker && breaker.openUntilMs !== 0) breaker.probing = true;
    },
    /** The first frame came. A half-open circuit closes on trial: a stream may run for minutes, and one more fault opens it again. */
    answered(target: Target): void {
      const breaker = breakers.get(target.deployment.id);
      if (!breaker || breaker.openUntilMs === 0 || breaker.openUntilMs > nowMs()) return;
      breakers.set(target.deployment.id, { failures: settings().breakerFailures - 1, openUntilMs: 0, probing: false });
    },
    /** The answer came to its end. */
    succeed(target: Target): void {
      breakers.delete(target.deployment.id);
    },
    /** The caller went away before the provider said anything: nothing was learned. */
    abandon(target: Target): void {
      const breaker = breakers.get(target.deployment.id);
      if (breaker) breaker.probing = false;
    },
    fail(target: Target, error: SluiceError): void {
      const { cooldownMs, breakerFailures, breakerOpenMs } = settings();
      const breaker = breakers.get(target.deployment.id);
      if (breaker) breaker.probing = false;
      switch (error.code) {
        case 'upstream_rate_limited':
          cool(target, error.facts.retryAfterMs ?? cooldownMs, error.code);
          return;
        case 'upstream_credential':
        case 'quota_exhausted':
          cool(target, refusedCooldownMs, error.code);
          return;
        case 'upstream_unreachable':
        case 'upstream_overloaded':
        case 'upstream_timeout':
        case 'upstream_invalid_answer': {
          const failures = (breaker?.failures ?? 0) + 1;
          const openUntilMs = failures >= breakerFailures ? nowMs() + breakerOpenMs : 0;
          breakers.set(target.deployment.id, { failures, openUntilMs, probing: false });
          return;
        }
      }
    },
    /** Credentials that rest and deployments whose circuit is open, for metrics and the status page. */
    snapshot() {
      const now = nowMs();
      return {
        coolingCredentials: [...cooldowns].filter(([, { untilMs }]) => untilMs > now).map(([key]) => key),
        openCircuits: [...breakers].filter(([, { openUntilMs }]) => openUntilMs > now).map(([id]) => id),
      };
    },
  };
}

export type Health = ReturnType<typeof createHealth>;
