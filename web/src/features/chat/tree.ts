import type { ChatMessage } from '../../../../shared/src/chat.ts';

/** A message of the branch that is shown, with those that stand in its place on other branches. */
export interface Shown {
  message: ChatMessage;
  /** All with the same parent, oldest first, itself among them. */
  siblings: ChatMessage[];
  /** Answers to the same question that were asked for side by side, itself among them; one otherwise. */
  compared: ChatMessage[];
}

/** The branch that ends with `headId`, from its beginning. */
export function branchOf(messages: readonly ChatMessage[], headId: string | null): Shown[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const byParent = Map.groupBy(messages, ({ parentId }) => parentId);
  const path: Shown[] = [];
  for (
    let at = headId === null ? undefined : byId.get(headId);
    at;
    at = at.parentId === null ? undefined : byId.get(at.parentId)
  ) {
    const siblings = byParent.get(at.parentId) ?? [at];
    const { compare } = at.metadata;
    const compared = compare === undefined ? [at] : siblings.filter(({ metadata }) => metadata.compare === compare);
    path.push({ message: at, siblings, compared });
  }
  return path.reverse();
}

/** The newest message below (or at) this one: what is shown when its branch is chosen. */
export function leafBelow(messages: readonly ChatMessage[], id: string): string {
  const byParent = Map.groupBy(messages, ({ parentId }) => parentId);
  let at = id;
  for (let next = byParent.get(at); next; next = byParent.get(at)) at = next.at(-1)!.id;
  return at;
}
