import type { Principal } from '../core/principal.ts';
import type { Owner } from '../store/chat-store.ts';

/** Whose chats somebody sees: their own, whichever key or session they come with; a key that belongs to nobody has its own. */
export const ownerOf = ({ organisationId, userId, keyId }: Principal): Owner => ({
  organisationId,
  ownerId: userId ?? keyId,
});
