import type { ChatRequest } from '../core/chat-request.ts';
import { rewriteRequest } from './request-texts.ts';
import type { GuardRole } from './rule.ts';

/** Shows every text of a request that rules look at. */
export function visitTexts(request: ChatRequest, visit: (text: string, role: GuardRole) => void): void {
  rewriteRequest(request, {
    text(text, role) {
      visit(text, role);
      return text;
    },
    reasoning(text) {
      visit(text, 'assistant');
      return { text, isSame: true };
    },
  });
}
