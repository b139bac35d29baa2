import type { CallContext } from '../../core/call.ts';
import { matchesModel } from '../may-use-model.ts';
import type { Meter, MeterKind } from './limiter.ts';

export type LimitSubject = 'gateway' | 'organisation' | 'team' | 'user' | 'key' | 'thread';

/** A limit, whoever set it. What is null or absent is not limited. */
export interface Limit {
  /** What its counts are kept under: the same for as long as it is the same limit, whatever its figures are. */
  id: string;
  subject: LimitSubject;
  /** The one that it is for; null: each, counted apart. */
  subjectId?: string | null;
  model?: string | null;
  requestsPerMinute?: number | null;
  tokensPerMinute?: number | null;
  concurrent?: number | null;
}

const kinds = [
  ['requests', 'requestsPerMinute'],
  ['tokens', 'tokensPerMinute'],
  ['concurrent', 'concurrent'],
] as const satisfies [MeterKind, keyof Limit][];

export interface Asked {
  context: Pick<CallContext, 'principal' | 'threadId'>;
  /** The names that the call's model goes by; asked for only when a limit speaks of models. */
  modelNames(): readonly string[];
  /** What the call will likely take, tokens in and out; asked for only when a limit speaks of tokens. */
  tokens(): { input: number; total: number };
}

/**
 * The counts that a call must fit under. Where a limit is set for one team, user, key or thread by name, it stands in for the
 * limit of the same set that is for each, figure by figure.
 */
export function metersOf(sets: readonly (readonly Limit[])[], asked: Asked): Meter[] {
  const meters: Meter[] = [];
  for (const limits of sets) {
    if (limits.length === 0) continue;
    const applying = limits.filter((limit) => applies(limit, asked));
    for (const limit of applying) {
      for (const [kind, figure] of kinds) {
        const most = limit[figure];
        if (most === null || most === undefined) continue;
        if (isReplaced(limit, figure, applying)) continue;
        meters.push(meterOf(limit, kind, most, asked));
      }
    }
  }
  return meters;
}

function applies({ subject, subjectId, model }: Limit, asked: Asked): boolean {
  const one = holderOf(subject, asked);
  if (one === undefined || (typeof subjectId === 'string' && subjectId !== one)) return false;
  return typeof model !== 'string' || asked.modelNames().some((name) => matchesModel([model], name));
}

/** Who of the subject's kind is asking; undefined when nobody is. */
function holderOf(subject: LimitSubject, { context: { principal, threadId } }: Asked): string | undefined {
  switch (subject) {
    case 'gateway':
      return '';
    case 'organisation':
      return principal.organisationId;
    case 'team':
      return principal.teamId;
    case 'user':
      return principal.userId;
    case 'key':
      return principal.keyId;
    case 'thread':
      return threadId;
  }
}

const isReplaced = (limit: Limit, figure: (typeof kinds)[number][1], applying: readonly Limit[]): boolean =>
  typeof limit.subjectId !== 'string' &&
  applying.some(
    (other) =>
      typeof other.subjectId === 'string' &&
      other.subject === limit.subject &&
      (other.model ?? null) === (limit.model ?? null) &&
      typeof other[figure] === 'number',
  );

function meterOf(limit: Limit, kind: MeterKind, most: number, asked: Asked): Meter {
  const { subject, model } = limit;
  const { organisationId } = asked.context.principal;
  const holder = holderOf(subject, asked) ?? '';
  // A thread's name is the caller's own choice: two organisations may choose the same.
  const counted = subject === 'thread' ? `${organisationId}:${holder}` : holder;
  const label = `${subject === 'gateway' ? 'this gateway' : `this ${subject}`}${typeof model === 'string' ? ` and ${model}` : ''}`;
  return { id: `${limit.id}:${counted}`, kind, limit: most, amount: amountOf(kind, most, asked), label };
}

/** An answer may be shorter than it was allowed to be, so only an input that is too long by itself can never be admitted. */
function amountOf(kind: MeterKind, most: number, asked: Asked): number {
  if (kind !== 'tokens') return 1;
  const { input, total } = asked.tokens();
  return input > most ? input : Math.min(total, most);
}
