import { cardDetector } from './detect/card.ts';
import { emailDetector } from './detect/email.ts';
import { ibanDetector } from './detect/iban.ts';
import { createImageLinkDetector } from './detect/image-links.ts';
import { ipDetector } from './detect/ip.ts';
import { createKeywordDetector } from './detect/keywords.ts';
import { nationalIdDetector } from './detect/national-id.ts';
import { createPatternDetector } from './detect/pattern.ts';
import { phoneDetector } from './detect/phone.ts';
import { createSecretDetector } from './detect/secrets.ts';
import type { Check, PiiKind, Rule } from './rule.ts';
import type { SpanDetector } from './span.ts';

/** A rule that is ready to look at texts. */
export interface GuardRule extends Rule {
  id: string;
  /** What finds places in a text, in the order of precedence; empty for rules that judge the whole. */
  detectors: readonly SpanDetector[];
}

// The order is that of precedence: a card's digits are no phone number.
const piiDetectors: [PiiKind, SpanDetector][] = [
  ['email', emailDetector],
  ['iban', ibanDetector],
  ['card', cardDetector],
  ['national-id', nationalIdDetector],
  ['phone', phoneDetector],
  ['ip', ipDetector],
];

const secretDetectors = { plain: createSecretDetector(), entropy: createSecretDetector({ entropy: true }) };

/** Prepares a rule. Throws an Error in words when a pattern of it cannot be used. */
export const compileRule = (rule: Rule & { id: string }): GuardRule => ({
  ...rule,
  detectors: detectorsOf(rule.check),
});

/** What finds the places that a check is about. The detectors without settings are the same object for all rules. */
export function detectorsOf(check: Check): SpanDetector[] {
  switch (check.kind) {
    case 'pii':
      return piiDetectors.filter(([kind]) => check.detect.includes(kind)).map(([, detector]) => detector);
    case 'secrets':
      return [check.entropy ? secretDetectors.entropy : secretDetectors.plain];
    case 'keywords':
      return [createKeywordDetector(check.words, check.label)];
    case 'regex':
      return check.patterns.map((pattern) => createPatternDetector(pattern, check));
    case 'image-links':
      return [createImageLinkDetector(check.allowHosts)];
    case 'injection':
    case 'size':
    case 'language':
    case 'schema':
    case 'moderation':
      return [];
  }
}
