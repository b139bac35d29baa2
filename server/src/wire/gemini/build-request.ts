import type { ChatRequest } from '../../core/chat-request.ts';
import { asObject, isObject, type JsonObject } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import { refuseThreads } from '../message-threads.ts';
import type { BuiltRequest, WireModel, WireQuirks } from '../wire.ts';
import { buildConfig, buildServiceTier, noteUncarried } from './build-config.ts';
import { buildContents } from './build-contents.ts';
import { buildToolChoice, buildTools } from './build-tools.ts';
import { lose } from './losses.ts';
import { declarationExtras } from './parse-tools.ts';

/**
 * A request as a generateContent body. Model and stream stand in the address, not here. Honours the quirks `imageUrls` and
 * `unsupportedFields` (dotted paths, e.g. `generationConfig.seed`).
 */
export function buildRequest(request: ChatRequest, model: WireModel, quirks: WireQuirks): BuiltRequest {
  refuseThreads(request);
  const losses: Loss[] = [];
  const body: JsonObject = { ...buildContents(request, model, quirks, losses) };
  const tools = buildTools(request, losses);
  if (tools.length > 0) body.tools = tools;
  const functionCallingConfig = buildToolChoice(request);
  if (functionCallingConfig) body.toolConfig = { functionCallingConfig };
  const config = buildConfig(request, model, losses);
  if (Object.keys(config).length > 0) body.generationConfig = config;
  const serviceTier = buildServiceTier(request.serviceTier, losses);
  if (serviceTier !== undefined) body.serviceTier = serviceTier;
  noteUncarried(request, losses);
  addExtensions(body, request, losses);
  for (const field of quirks.unsupportedFields ?? []) removeField(body, field, losses);
  return { body, losses };
}

function addExtensions(body: JsonObject, request: ChatRequest, losses: Loss[]): void {
  for (const [dialect, fields] of Object.entries(request.extensions)) {
    for (const [path, value] of Object.entries(fields)) {
      if (dialect !== 'gemini') lose(losses, path, 'Gemini has no such field');
      else if (path !== declarationExtras) setField(body, path, value);
    }
  }
}

const nested = /^(generationConfig|toolConfig(?:\.functionCallingConfig)?)\.(.+)$/;

/** Sets a field by the path that parse-request gave it; the caller's own field names are never taken for paths. */
function setField(body: JsonObject, path: string, value: unknown): void {
  const match = nested.exec(path);
  let at = body;
  for (const step of match?.[1]?.split('.') ?? []) {
    const next = asObject(at[step]) ?? {};
    at[step] = next;
    at = next;
  }
  at[match?.[2] ?? path] = value;
}

function removeField(body: JsonObject, path: string, losses: Loss[]): void {
  const steps = path.split('.');
  const last = steps.pop()!;
  let at: unknown = body;
  for (const step of steps) at = isObject(at) ? at[step] : undefined;
  if (!isObject(at) || !(last in at)) return;
  delete at[last];
  lose(losses, path, 'this provider refuses it');
}
