import type { ChatRequest } from '../../core/chat-request.ts';
import type { Loss } from '../../core/loss.ts';
import type { WireModel, WireQuirks } from '../wire.ts';

/** What every step of building a request shares. */
export interface Writing {
  readonly request: ChatRequest;
  readonly model: WireModel;
  readonly quirks: WireQuirks;
  readonly losses: Loss[];
  /** Records once that `field` is not carried. */
  lose(field: string, reason: string): void;
  /** Whether the provider refuses this field of the wire. */
  refuses(field: string): boolean;
}

/** The reason of every loss that `unsupportedFields` causes. */
export const notSupported = 'the provider does not support it';

export function createWriting(request: ChatRequest, model: WireModel, quirks: WireQuirks): Writing {
  const losses: Loss[] = [];
  const refused = new Set(quirks.unsupportedFields);
  return {
    request,
    model,
    quirks,
    losses,
    lose(field, reason) {
      if (!losses.some((loss) => loss.field === field)) losses.push({ field, reason });
    },
    refuses: (field) => refused.has(field),
  };
}
