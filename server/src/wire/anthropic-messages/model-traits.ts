/** What a model accepts, read from its name: neither the catalogue nor the request says it. */
export interface ModelTraits {
  /**
   * `budget`: `enabled` with `budget_tokens`. `adaptive`: `adaptive` with an effort. `always`: adaptive, and `disabled` is
   * refused. `none`: no thinking at all.
   */
  thinking: 'none' | 'budget' | 'both' | 'adaptive' | 'always';
  /** `one`: temperature or top_p, not both. `none`: neither they nor top_k, at least not away from their defaults. */
  sampling: 'free' | 'one' | 'none';
  /** `output_config.effort`. */
  effort: boolean;
  /** `output_config.format` and strict tools. */
  structuredOutput: boolean;
}

const newest: ModelTraits = { thinking: 'adaptive', sampling: 'none', effort: true, structuredOutput: true };
/** Other vendors that speak this wire took it over while budgets were the only way to ask for thinking. */
const imitator: ModelTraits = { thinking: 'budget', sampling: 'free', effort: true, structuredOutput: true };

// claude-sonnet-4-5-20250929, us.anthropic.claude-opus-4-1-v1:0, claude-opus-4-20250514 (no minor: a date follows).
const familyFirst = /claude-[a-z]+-(\d{1,2})(?!\d)(?:[-.](\d{1,2})(?!\d))?/;
// claude-3-5-sonnet-latest, claude-3-opus-20240229, claude-2.1
const versionFirst = /claude-(?:v|instant-)?(\d)(?:[-.](\d)(?!\d))?/;

/** The traits of a model by its upstream name. Unknown Claude names count as the newest, unknown others as imitators. */
export function modelTraits(upstream: string): ModelTraits {
  const name = upstream.toLowerCase();
  if (!name.includes('claude')) return imitator;
  if (/claude-(fable|mythos)/.test(name)) return { ...newest, thinking: 'always' };
  const match = familyFirst.exec(name) ?? versionFirst.exec(name);
  if (!match) return newest;
  const version = Number(match[1]) + Number(match[2] ?? 0) / 100;
  if (version >= 4.07) return newest;
  return {
    thinking: version >= 4.06 ? 'both' : version >= 3.07 ? 'budget' : 'none',
    sampling: version >= 4.01 ? 'one' : 'free',
    effort: version >= 4.06 || (version >= 4.05 && name.includes('opus')),
    structuredOutput: version >= 4.05 || (version >= 4.01 && name.includes('opus')),
  };
}
