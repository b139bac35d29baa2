import type { SluiceError } from '../../core/sluice-error.ts';
import type { Deployment } from '../../core/target.ts';
import { type Asked, type Limit, metersOf } from './applying.ts';
import type { Admission, Limiter, Meter } from './limiter.ts';
import { longestWait, refusal } from './refusal.ts';

export interface TargetAdmissionDeps {
  limiter: Limiter;
  sets: readonly (readonly Limit[])[];
  asked: Asked;
  /** What the call was counted by already. */
  counted: readonly Meter[];
  targetNames(deployment: Deployment): readonly string[];
  onRefused(meter: Meter): void;
}

/**
 * Holds the limits of models for places that a call comes to by a group or as a fallback, under a name that nobody asked for.
 * Undefined when no limit speaks of models.
 */
export function createTargetAdmission({ limiter, sets, asked, counted, targetNames, onRefused }: TargetAdmissionDeps) {
  const ofModels = sets.map((limits) => limits.filter(({ model }) => typeof model === 'string'));
  if (ofModels.every((limits) => limits.length === 0)) return undefined;
  const known = new Set(counted.map(keyOf));
  const held: { deployment: string; admission: Admission & { admitted: true } }[] = [];

  return {
    /** Counts the call at this place, once; the error when a limit refuses it there. */
    async admit(deployment: Deployment): Promise<SluiceError | undefined> {
      const modelNames = () => targetNames(deployment);
      const meters = metersOf(ofModels, { ...asked, modelNames }).filter((meter) => !known.has(keyOf(meter)));
      if (meters.length === 0) return undefined;
      const admission = await limiter.admit(meters);
      if (!admission.admitted) {
        const refused = longestWait(admission.readings);
        onRefused(refused.meter);
        return refusal(refused);
      }
      for (const meter of meters) known.add(keyOf(meter));
      held.push({ deployment: deployment.id, admission });
      return undefined;
    },
    /** `answeredBy`: the place whose tokens these are; the others took none. */
    settle(tokens: number, answeredBy: string | undefined): void {
      for (const { deployment, admission } of held) admission.settle(deployment === answeredBy ? tokens : 0);
    },
  };
}

const keyOf = ({ kind, id }: Meter): string => `${kind}:${id}`;
