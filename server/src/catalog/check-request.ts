import type { Capability, ModelInfo } from '../core/model-info.ts';
import type { RequestNeeds } from '../core/request-needs.ts';
import type { CatalogueModel } from './catalogue-file.ts';

export interface Refusal {
  code: 'context_window_exceeded' | 'unsupported_capability';
  message: string;
  param?: string;
}

/**
 * Why the model cannot answer a request with these needs, or undefined when it can or when nobody knows. Refuses only on
 * a plain statement: input that is above the window by the lowest estimate, or a capability known to be absent. Thinking
 * and temperature are never refused: what a model lacks of those, its wire leaves out and reports as a loss. Embeddings
 * are never refused either: no source says what cannot embed, and some providers cut an input that is too long.
 */
export function checkRequest(model: CatalogueModel, needs: RequestNeeds): Refusal | undefined {
  for (const need of hardNeeds) if (lacks(model, need, needs)) return refuseFor(model, needs);
  if (needs.embeddings || model.context === undefined) return undefined;
  if (needs.inputLength !== undefined && needs.inputLength <= model.context) return undefined;
  if (needs.inputTokensEstimate <= model.context) return undefined;
  return {
    code: 'context_window_exceeded',
    message: `The request is at least ${count(needs.inputTokensEstimate)} tokens long, and ${nameOf(model)} has a context window of ${count(model.context)} tokens.`,
    param: 'messages',
  };
}

const lacks = (model: CatalogueModel, [capability, , isNeeded]: Need, needs: RequestNeeds): boolean =>
  isNeeded(needs) && knows(model, capability) === false;

function refuseFor(model: CatalogueModel, needs: RequestNeeds): Refusal {
  const missing = hardNeeds.filter((need) => lacks(model, need, needs));
  return {
    code: 'unsupported_capability',
    message: `${nameOf(model)} cannot ${missing.map(([, words]) => words).join(' or ')}, which this request needs.`,
    param: missing[0]?.[3],
  };
}

/**
 * Whether the model can do this; undefined when nobody knows. A list of capabilities without its `unknown` was written by
 * an operator or a provider: it is the whole truth of tools and media, and says nothing of the finer things.
 */
export function knows(model: CatalogueModel, capability: Capability): boolean | undefined {
  if (!model.capabilities) return undefined;
  if (model.capabilities.includes(capability)) return true;
  const isUnknown = model.unknown?.includes(capability) ?? !toolsAndMedia.has(capability);
  return isUnknown ? undefined : false;
}

/**
 * Whether window and answer limit hold the longest answer that the caller allows besides the input; true when nobody knows.
 * A preference among models, not a reason to refuse: providers differ in whether they count the two together.
 */
export function hasRoom(model: ModelInfo, { inputTokensEstimate, maxOutputTokens = 0 }: RequestNeeds): boolean {
  if (model.maxOutput !== undefined && maxOutputTokens > model.maxOutput) return false;
  return model.context === undefined || inputTokensEstimate + maxOutputTokens <= model.context;
}

const toolsAndMedia: ReadonlySet<Capability> = new Set<Capability>([
  'tools',
  'vision',
  'documents',
  'audio-in',
  'video-in',
  'audio-out',
  'image-out',
]);

type Need = [capability: Capability, words: string, isNeeded: (needs: RequestNeeds) => boolean, param: string];

const hardNeeds: Need[] = [
  ['tools', 'call tools', (needs) => needs.tools, 'tools'],
  ['vision', 'read images', (needs) => needs.vision, 'messages'],
  ['documents', 'read documents', (needs) => needs.documents, 'messages'],
  ['audio-in', 'listen to audio', (needs) => needs.audioIn, 'messages'],
  ['video-in', 'watch video', (needs) => needs.videoIn, 'messages'],
  ['audio-out', 'answer in audio', (needs) => needs.audioOut, 'modalities'],
  ['image-out', 'answer in images', (needs) => needs.imageOut, 'modalities'],
  ['structured-output', 'follow a JSON schema', (needs) => needs.jsonSchema, 'response_format'],
];

const nameOf = ({ provider, id }: ModelInfo): string => `${provider}/${id}`;
const count = (tokens: number): string => tokens.toLocaleString('en-US');
