import type { ModelCall } from '../../core/call.ts';
import { createFreshByKey, type Freshness } from '../../core/fresh.ts';
import type { Principal } from '../../core/principal.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { GuardRule } from '../../guard/compile.ts';

/** The rules that are in force for an organisation, by the side they look at, in order. */
export interface RuleSet {
  input: readonly GuardRule[];
  output: readonly GuardRule[];
}

export const noRules: RuleSet = Object.freeze({ input: [], output: [] });

export const splitRules = (rules: readonly GuardRule[]): RuleSet => {
  const enabled = rules.filter((rule) => rule.enabled);
  if (enabled.length === 0) return noRules;
  return {
    input: enabled.filter(({ on }) => on !== 'output'),
    output: enabled.filter(({ on }) => on !== 'input'),
  };
};

/** Those of the rules that are for this caller and this model. */
export function applying(
  rules: readonly GuardRule[],
  { principal: { keyId, teamId } }: { principal: Principal },
  call: ModelCall,
  groupOf: (model: string) => string | undefined,
): readonly GuardRule[] {
  if (rules.length === 0) return rules;
  let group: string | null | undefined;
  return rules.filter((rule) => {
    if (rule.keyId !== undefined && rule.keyId !== keyId) return false;
    if (rule.teamId !== undefined && rule.teamId !== teamId) return false;
    if (rule.group === undefined) return true;
    group ??= groupOf(call.model) ?? null;
    return rule.group === group;
  });
}

export interface RuleSetsDeps extends Freshness {
  /** The rules of one organisation, from the database, ready for use. */
  load(organisationId: string): Promise<GuardRule[]>;
  /** The rules of the configuration, which hold for everybody and come first. */
  gatewayRules(): readonly GuardRule[];
  /** Whether the database is there to be asked. */
  isOpen(): boolean;
  onFault?(error: unknown): void;
}

/** What each organisation's rules are, kept in memory and read again in the background. */
export function createRuleSets({ load, gatewayRules, isOpen, onFault, maxAgeMs }: RuleSetsDeps) {
  const organisations = createFreshByKey(load, { onFault, maxAgeMs });
  const joined = new WeakMap<readonly GuardRule[], { gateway: readonly GuardRule[]; set: RuleSet }>();
  const none: GuardRule[] = [];

  /** Both lists as one set, made once for as long as neither changes. */
  function join(own: readonly GuardRule[]): RuleSet {
    const gateway = gatewayRules();
    if (own.length === 0 && gateway.length === 0) return noRules;
    const known = joined.get(own);
    if (known?.gateway === gateway) return known.set;
    const set = splitRules([...gateway, ...own]);
    joined.set(own, { gateway, set });
    return set;
  }

  return {
    /** Without waiting when they have been read before. Throws `unavailable` when they cannot be read at all. */
    of({ organisationId, operator }: Principal): RuleSet | Promise<RuleSet> {
      // The admin key works while the database is still opening: the file's rules alone hold for it until then.
      if (operator && !isOpen()) return join(none);
      const known = organisations.get(organisationId);
      return known instanceof Promise ? known.then(join, unreadable) : join(known);
    },
    /** The next call reads them again; of one organisation, or of all. */
    forget: organisations.forget,
  };
}

export type RuleSets = ReturnType<typeof createRuleSets>;

function unreadable(cause: unknown): never {
  throw new SluiceError('unavailable', 'The guardrails of this organisation cannot be read. Try again shortly.', {
    retryAfterMs: 1000,
    cause,
  });
}
