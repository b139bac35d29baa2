import { type AnswerMetadata, type ChatPart, type ChatSettings, textOfParts } from '../../../shared/src/chat.ts';
import { newId } from '../core/new-id.ts';
import type { Principal } from '../core/principal.ts';
import { invalidRequest, SluiceError } from '../core/sluice-error.ts';
import type { ChatStore, ConversationRow, MessageRow } from '../store/chat-store.ts';
import type { FileStore } from '../store/file-store.ts';
import type { FolderRow, FolderStore } from '../store/folder-store.ts';
import type { PreferenceStore } from '../store/preference-store.ts';
import { buildCall, fileUrl, partOf, type Turn } from './build-call.ts';
import type { Generated, Generations } from './generations.ts';
import { ownerOf } from './owner.ts';
import { titleOf } from './title.ts';

export interface ChatServiceDeps {
  store: ChatStore;
  folders: FolderStore;
  files: FileStore;
  preferences: PreferenceStore;
  generations: Generations;
  /** Throws `model_not_found` or `forbidden` when somebody may not ask this model. */
  checkModel(principal: Principal, model: string): void;
  temporaryHours(): number;
  now?: () => number;
}

/** What is asked: `messages` alone is answered and not kept; everything else belongs to a conversation. */
export interface ChatWish extends ChatSettings {
  conversationId?: string;
  /** What the person says now. */
  message?: { id?: string; parts: ChatPart[] };
  /** Ids of files that go with it. */
  attachments?: string[];
  /** After which message it is said; null: at the beginning. Without it: after the one that is shown last. */
  parentId?: string | null;
  /** Another answer to this message of theirs, instead of a new message. */
  answerTo?: string;
  /** Answers that are asked for side by side carry the same name. */
  compare?: string;
  folderId?: string;
  temporary?: boolean;
  messages?: Turn[];
}

export interface Asked {
  id: string;
  conversation?: ConversationRow;
  parentId?: string;
  ended: Promise<Generated>;
}

/** Asks models on behalf of people, in conversations that are kept. */
export function createChatService(deps: ChatServiceDeps) {
  const { store, folders, files, preferences, generations, checkModel, temporaryHours, now = Date.now } = deps;

  async function conversationFor(principal: Principal, wish: ChatWish): Promise<ConversationRow> {
    const owner = ownerOf(principal);
    if (wish.conversationId !== undefined) {
      const found = await store.byId(owner, wish.conversationId);
      if (!found) throw noSuch(wish.conversationId);
      return found;
    }
    if (!wish.message) throw invalidRequest('Say something: `message`, or `messages`.', 'message');
    if (wish.folderId !== undefined && !(await folders.byId(owner, wish.folderId)))
      throw new SluiceError('not_found', `There is no folder ${JSON.stringify(wish.folderId)}.`, { param: 'folderId' });
    return store.insert({
      id: newId('conv_'),
      ...owner,
      folderId: wish.folderId ?? null,
      title: titleOf(wish.message.parts),
      ...(wish.temporary && { expiresAt: new Date(now() + temporaryHours() * 3_600_000) }),
    });
  }

  async function attached(principal: Principal, ids: string[]): Promise<ChatPart[]> {
    const parts: ChatPart[] = [];
    for (const id of ids) {
      const file = await files.byId(ownerOf(principal), id);
      if (!file)
        throw new SluiceError('not_found', `There is no file ${JSON.stringify(id)}.`, { param: 'attachments' });
      parts.push({ type: 'file', url: fileUrl(id), mediaType: file.mediaType, filename: file.name });
    }
    return parts;
  }

  /** Writes down what the person says, or finds what another answer is wanted to. */
  async function questionFor(conversation: ConversationRow, wish: ChatWish, files: ChatPart[]): Promise<MessageRow> {
    const there = await store.messages(conversation.id);
    if (wish.answerTo !== undefined) {
      const question = there.find(({ id, role }) => id === wish.answerTo && role === 'user');
      if (!question) throw invalidRequest('`answerTo` names no message of a person in this conversation.', 'answerTo');
      return question;
    }
    if (!wish.message) throw invalidRequest('Say something: `message`, or name a message in `answerTo`.', 'message');
    const parentId = wish.parentId === undefined ? conversation.headId : wish.parentId;
    if (parentId !== null && !there.some(({ id }) => id === parentId))
      throw invalidRequest('`parentId` names no message of this conversation.', 'parentId');
    const parts = [...files, ...wish.message.parts];
    const id = newId('msg_');
    const at = new Date(now());
    const row = { id, conversationId: conversation.id, parentId, role: 'user' as const, parts, state: 'done' as const };
    await store.insertMessages([{ ...row, words: textOfParts(parts), createdAt: at, updatedAt: at }]);
    return { ...row, metadata: {}, rating: null, ratingNote: null, createdAt: at, updatedAt: at };
  }

  /** What every chat in a project is given, and what its owner tells every model of themselves. */
  async function instructionsFor(principal: Principal, folder: FolderRow | undefined): Promise<string[]> {
    const owner = ownerOf(principal);
    const { instructions } = await preferences.get(owner);
    const texts = [typeof instructions === 'string' ? instructions : '', folder?.instructions ?? ''];
    if (folder?.kind === 'project') {
      for (const file of await files.ofFolder(owner, folder.id)) {
        const part = partOf(file);
        if (part.type === 'text') texts.push(part.text);
      }
    }
    return texts;
  }

  /** The answer that an id means: itself, or the newest that is being made in a conversation. */
  async function messageOf(principal: Principal, id: string): Promise<MessageRow | undefined> {
    const owner = ownerOf(principal);
    if (!id.startsWith('conv_')) {
      const message = await store.message(owner, id);
      if (message) return message;
      throw new SluiceError('not_found', `There is no answer ${JSON.stringify(id)}.`);
    }
    if (!(await store.byId(owner, id))) throw noSuch(id);
    return store.generating(owner, id);
  }

  async function ask(principal: Principal, wish: ChatWish): Promise<Asked> {
    const owner = ownerOf(principal);
    const said = settingsOf(wish);
    if (said.model !== undefined) checkModel(principal, said.model);
    const fileOf = (id: string) => files.byId(owner, id);
    if (wish.messages) {
      const call = await buildCall(wish.messages, said, [], fileOf);
      checkModel(principal, call.model);
      // The same name twice would be two answers in one log, and another's name would be theirs to read.
      const id = newId('msg_');
      const metadata: AnswerMetadata = { asked: call.model, ...(said.mode && { mode: said.mode }) };
      return { id, ended: generations.start({ id, call, principal, metadata, kept: false }) };
    }
    const attachments = await attached(principal, wish.attachments ?? []);
    const conversation = await conversationFor(principal, wish);
    const question = await questionFor(conversation, wish, attachments);
    await files.keepWith(owner, wish.attachments ?? [], conversation.id);
    const folder = conversation.folderId === null ? undefined : await folders.byId(owner, conversation.folderId);
    const settings = { ...folder?.settings, ...conversation.settings, ...said };
    const turns = (await store.path(conversation.id, question.id)).map(({ role, parts }) => ({ role, parts }));
    const call = await buildCall(turns, settings, await instructionsFor(principal, folder), fileOf);
    checkModel(principal, call.model);
    const id = newId('msg_');
    const at = new Date(now());
    const metadata: AnswerMetadata = {
      conversationId: conversation.id,
      parentId: question.id,
      createdAt: at.toISOString(),
      asked: call.model,
      ...(settings.mode && { mode: settings.mode }),
      ...(wish.compare !== undefined && { compare: wish.compare }),
    };
    await store.insertMessages([
      {
        id,
        conversationId: conversation.id,
        parentId: question.id,
        role: 'assistant',
        parts: [],
        state: 'generating',
        metadata,
        createdAt: at,
        updatedAt: at,
      },
    ]);
    await store.touch(conversation.id, id, at);
    const ended = generations.start({ id, call, principal, metadata, threadId: conversation.id, kept: true });
    return { id, conversation, parentId: question.id, ended };
  }

  return {
    ask,
    /** The chunks of an answer that was just asked for. */
    readOwn: (id: string) => (signal: AbortSignal) => generations.read(id, signal),
    /**
     * The chunks of an answer that somebody may read: by the answer's id, or by that of its conversation. Undefined when nothing is
     * being made there any more. Throws `not_found` for what is not theirs.
     */
    async read(principal: Principal, id: string, signal: AbortSignal) {
      const message = await messageOf(principal, id);
      return message && generations.read(message.id, signal, message.state === 'generating');
    },
    /** Ends an answer wherever it is made. Throws `not_found`. */
    async stop(principal: Principal, id: string): Promise<void> {
      const message = await messageOf(principal, id);
      if (message?.state === 'generating') generations.stop(message.id, principal.organisationId);
    },
  };
}

export type ChatService = ReturnType<typeof createChatService>;

const noSuch = (id: string) =>
  new SluiceError('not_found', `There is no conversation ${JSON.stringify(id)}.`, { param: 'conversationId' });

/** What the wish says of how to answer; what it leaves open, the conversation or its project says. */
function settingsOf({ model, mode, temperature, maxTokens, system }: ChatWish): ChatSettings {
  return {
    ...(model !== undefined && { model }),
    ...(mode !== undefined && { mode }),
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(system !== undefined && { system }),
  };
}
