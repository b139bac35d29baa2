import { checkRequest } from '../catalog/check-request.ts';
import type { ModelCall } from '../core/call.ts';
import type { ModelInfo } from '../core/model-info.ts';
import type { OwnCredentials } from '../core/own-credentials.ts';
import { needsOf, type RequestNeeds } from '../core/request-needs.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { RoutePlan, Target } from '../core/target.ts';
import { keepLocal, resolveWithin } from './constrain.ts';
import { blendedPrice, type MemberOrder, type OrderedMembers } from './order-members.ts';
import type { Registry, RoutedModel } from './registry.ts';
import { shuffleByWeight } from './shuffle-by-weight.ts';

export interface RouterDeps {
  registry(): Registry;
  /** A provider's credentials with their weights. */
  credentials(provider: string): readonly { id: string; weight: number }[];
  memberOrder: MemberOrder;
  /** The model that savings are measured against, when one is configured. */
  baseline(): ModelInfo | undefined;
  /** Whether a provider runs on the operator's own machines. */
  isLocal?(provider: string): boolean;
  /** A number from 0 to 1, for weights. */
  random?: () => number;
}

/**
 * Chooses where a call goes, best target first. Throws `model_not_found`, or what keeps every candidate from answering:
 * `context_window_exceeded` or `unsupported_capability`.
 */
export function createRouter({
  registry,
  credentials,
  memberOrder,
  baseline,
  isLocal = () => false,
  random = Math.random,
}: RouterDeps) {
  return {
    /** `own`: keys that the caller brought, which are used instead of the gateway's where there are any. */
    plan(call: ModelCall, own?: OwnCredentials): RoutePlan {
      const known = registry();
      const resolution = resolveWithin(known, call);
      const needs = call.operation === 'chat' ? needsOf(call.request) : undefined;
      if (needs && call.raw) needs.inputLength = call.raw.text.length;
      const refusalOf = (model: RoutedModel) => needs && checkRequest(model.info, needs);
      const mayAnswer = ({ deployments }: RoutedModel) =>
        !call.constraints?.localOnly || deployments.some(({ provider }) => isLocal(provider));
      const { asked, because, decision }: OrderedMembers =
        resolution.kind === 'model'
          ? { asked: [resolution.model] }
          : memberOrder.order(
              resolution.group,
              known.membersOf(resolution.group),
              call,
              (model) => mayAnswer(model) && !refusalOf(model),
            );
      const candidates = keepLocal(withFallbacks(known, asked), call, isLocal);
      const fit: RoutedModel[] = [];
      let refusal: SluiceError | undefined;
      for (const model of candidates) {
        const refused = refusalOf(model);
        if (!refused) fit.push(model);
        else refusal ??= new SluiceError(refused.code, refused.message, { param: refused.param });
      }
      if (fit.length === 0) throw refusal ?? new SluiceError('no_target', `${call.model} has no members.`);
      const targets: Target[] = [];
      for (const { deployments } of fit) {
        for (const deployment of shuffleByWeight(deployments, random)) {
          for (const { id } of shuffleByWeight(own?.(deployment.provider) ?? credentials(deployment.provider), random))
            targets.push({ deployment, credential: id });
        }
      }
      if (targets.length === 0) throw new SluiceError('no_target', `No provider of ${call.model} has a credential.`);
      return {
        targets,
        reason: describe(because ? `${resolution.reason}, ${because}` : resolution.reason, asked, fit, needs),
        baseline: baseline() ?? dearest(asked),
        ...(decision && { decision }),
      };
    },
  };
}

export type Router = ReturnType<typeof createRouter>;

/** The models asked for, each followed by its fallbacks, once each. */
function withFallbacks(registry: Registry, asked: RoutedModel[]): RoutedModel[] {
  if (asked.length === 1 && asked[0]!.fallbacks.length === 0) return asked;
  const seen = new Map<string, RoutedModel>();
  const add = (model: RoutedModel): void => {
    if (seen.has(model.id)) return;
    seen.set(model.id, model);
    for (const name of model.fallbacks) {
      const fallback = registry.findModel(name)?.model;
      if (fallback) add(fallback);
    }
  };
  for (const model of asked) add(model);
  return [...seen.values()];
}

function dearest(models: RoutedModel[]): ModelInfo | undefined {
  if (models.length === 1) return Number.isFinite(blendedPrice(models[0]!.info)) ? models[0]!.info : undefined;
  const priced = models.filter(({ info }) => Number.isFinite(blendedPrice(info)));
  return priced.reduce<RoutedModel | undefined>(
    (best, model) => (best && blendedPrice(best.info) >= blendedPrice(model.info) ? best : model),
    undefined,
  )?.info;
}

function describe(reason: string, asked: RoutedModel[], fit: RoutedModel[], needs: RequestNeeds | undefined): string {
  const first = fit[0]!;
  const passedOver = asked.indexOf(first);
  if (passedOver === -1) return `${reason}; ${first.id} stands in: ${asked[0]?.id} cannot take the request`;
  if (asked.length === 1) return reason;
  const skipped =
    passedOver > 0
      ? `, ${passedOver} before it cannot take the request (${needs?.inputTokensEstimate} input tokens or more)`
      : '';
  return `${reason}: ${first.id} of ${asked.length}${skipped}`;
}
