import { asObject, asString } from '../../core/json.ts';
import type { Glance, WireEvent } from '../wire.ts';
import { isException, readConverseEvent } from './converse-event.ts';
import { faultError } from './parse-error.ts';
import { readUsage } from './usage.ts';

/** `end` stands on `messageStop`: the answer is complete then, though `metadata` with the usage still follows. */
export function glance(event: WireEvent): Glance {
  const read = readConverseEvent(event);
  if (!read) return {};
  const { type, payload } = read;
  if (type === 'messageStop') {
    const finish = asString(payload.stopReason);
    return { end: true, ...(finish !== undefined && { finish }) };
  }
  if (type === 'metadata') {
    const usage = asObject(payload.usage);
    return usage ? { usage: readUsage(usage) } : {};
  }
  return isException(type) ? { error: faultError(payload, type) } : {};
}

export function glanceAnswer(body: unknown): Glance {
  const answer = asObject(body);
  if (!answer) return {};
  const usage = asObject(answer.usage);
  const finish = asString(answer.stopReason);
  const error = answer.output === undefined && typeof answer.__type === 'string' ? faultError(answer) : undefined;
  return {
    ...(usage && { usage: readUsage(usage) }),
    ...(finish !== undefined && { finish }),
    ...(error && { error }),
  };
}
