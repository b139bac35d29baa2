import type { ChatEvent } from '../../core/chat-event.ts';
import { asNumber, asString, type JsonObject } from '../../core/json.ts';

/** What a chunk or a whole answer says of itself; empty strings (Azure) say nothing. */
export function startEvent(body: JsonObject): ChatEvent & { type: 'start' } {
  const start: ChatEvent & { type: 'start' } = { type: 'start' };
  const id = asString(body.id);
  const model = asString(body.model);
  const createdSeconds = asNumber(body.created);
  const serviceTier = asString(body.service_tier);
  const systemFingerprint = asString(body.system_fingerprint);
  if (id) start.id = id;
  if (model) start.model = model;
  if (createdSeconds) start.createdSeconds = createdSeconds;
  if (serviceTier) start.serviceTier = serviceTier;
  if (systemFingerprint) start.systemFingerprint = systemFingerprint;
  return start;
}
