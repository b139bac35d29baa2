import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ConversationService } from '../../../chat/conversation-service.ts';
import type { FolderStore } from '../../../store/folder-store.ts';
import type { PromptStore } from '../../../store/prompt-store.ts';
import type { PlatformAccess } from '../access.ts';
import { type ChatRouteDeps, mountChat } from './chat.ts';
import { mountConversations } from './conversations.ts';
import { type FileRouteDeps, mountFiles } from './files.ts';
import { mountFolders } from './folders.ts';
import { mountPersonal, type PersonalDeps } from './preferences.ts';
import { mountPrompts } from './prompts.ts';
import { mountShares } from './shares.ts';

export interface ChatDeps {
  chat: ChatRouteDeps;
  conversations: ConversationService;
  folders: FolderStore;
  files: FileRouteDeps;
  prompts: PromptStore;
  personal: PersonalDeps;
}

/** Everything that people have in the app: chats, files, prompts, and how they like it. */
export function mountChatting(app: OpenAPIHono, access: PlatformAccess, deps: ChatDeps): void {
  mountChat(app, access, deps.chat);
  mountConversations(app, access, deps.conversations);
  mountFolders(app, access, deps.folders);
  mountFiles(app, access, deps.files);
  mountPrompts(app, access, deps.prompts);
  mountShares(app, access, deps.conversations);
  mountPersonal(app, access, deps.personal);
}
