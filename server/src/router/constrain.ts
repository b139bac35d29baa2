import type { CallConstraints, ModelCall } from '../core/call.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { Registry, Resolution, RoutedModel } from './registry.ts';

/** What the call's model leads to: the group that a policy demands, or what the caller named. */
export function resolveWithin(registry: Registry, { model, constraints }: ModelCall): Resolution {
  const group = constraints?.group;
  if (group === undefined) return registry.resolve(model);
  if (!registry.group(group))
    throw nothingFits(constraints!, `sends this request to the group ${JSON.stringify(group)}, which does not exist`);
  const resolution = registry.resolve(`group/${group}`);
  return { ...resolution, reason: `${resolution.reason}, because of ${constraints!.because}` };
}

/** The candidates with only those deployments that may answer. Throws `guardrail_blocked` when there is none. */
export function keepLocal(
  candidates: RoutedModel[],
  { model, constraints }: ModelCall,
  isLocal: (provider: string) => boolean,
): RoutedModel[] {
  if (!constraints?.localOnly) return candidates;
  const kept = candidates.flatMap((candidate) => {
    const deployments = candidate.deployments.filter(({ provider }) => isLocal(provider));
    if (deployments.length === candidate.deployments.length) return [candidate];
    return deployments.length === 0 ? [] : [{ ...candidate, info: deployments[0]!.info, deployments }];
  });
  if (kept.length > 0) return kept;
  const where =
    constraints.group === undefined ? JSON.stringify(model) : `the group ${JSON.stringify(constraints.group)}`;
  throw nothingFits(
    constraints,
    `keeps this request on local models, and ${where} has none`,
    'Name a local model, give the model a local fallback, or take out what the rule found.',
  );
}

const nothingFits = ({ because }: CallConstraints, what: string, remedy = 'Ask an administrator about the rule.') =>
  new SluiceError('guardrail_blocked', `${because[0]!.toUpperCase()}${because.slice(1)} ${what}. ${remedy}`, {
    param: 'model',
  });
