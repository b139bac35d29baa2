/** Whose model stands behind a Bedrock model id or ARN. `unknown`: the name does not say (application profiles, custom models). */
export type ModelFamily = 'claude' | 'nova' | 'other' | 'unknown';

export interface FamilyFacts {
  family: ModelFamily;
  /** Claude's version as a number that compares: 3.7 is 307, 4 is 400, 4.6 is 406. Undefined when the name does not say. */
  claudeVersion?: number;
}

/** Reads the family off the name, since Converse passes family-specific fields through `additionalModelRequestFields`. */
export function familyOf(upstream: string): FamilyFacts {
  if (/claude/i.test(upstream)) {
    // The date of a release (claude-sonnet-4-20250514) is no minor version.
    const match = /claude-(?:[a-z]+-)?(\d{1,2})(?!\d)(?:[-.](\d{1,2})(?!\d))?/i.exec(upstream);
    if (!match) return { family: 'claude' };
    return { family: 'claude', claudeVersion: Number(match[1]) * 100 + Number(match[2] ?? 0) };
  }
  if (/nova/i.test(upstream)) return { family: 'nova' };
  const opaque = /^arn:/.test(upstream) && !/foundation-model\/|:inference-profile\//.test(upstream);
  return { family: opaque ? 'unknown' : 'other' };
}
