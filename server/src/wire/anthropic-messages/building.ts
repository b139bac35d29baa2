import type { ChatRequest } from '../../core/chat-request.ts';
import type { Loss } from '../../core/loss.ts';
import type { WireModel, WireQuirks } from '../wire.ts';
import type { ModelTraits } from './model-traits.ts';

/** What every step of building one outgoing body shares. */
export interface Building {
  request: ChatRequest;
  model: WireModel;
  quirks: WireQuirks;
  traits: ModelTraits;
  losses: Loss[];
}
