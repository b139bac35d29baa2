import type { ChatMessage, ChatMode, ChatSettings } from '../../../shared/src/chat.ts';
import type { ListPrice } from '../../../shared/src/list-price.ts';

export interface Me {
  kind: 'operator' | 'key' | 'user' | 'token';
  id: string;
  name: string;
  organisationId: string;
  teamId: string | null;
  userId: string | null;
  role: string;
  operator: boolean;
  permissions: string[];
  models: string[] | null;
  organisations: { id: string; name: string; role: string | null }[];
}

export interface Session {
  user: { id: string; name: string; email: string; twoFactorEnabled?: boolean };
}

export interface Preferences {
  theme?: 'system' | 'light' | 'dark';
  language?: string;
  instructions?: string;
  model?: string;
  mode?: ChatMode;
  compareModels?: string[];
  fontSize?: 'small' | 'normal' | 'large';
  reduceMotion?: boolean;
  highContrast?: boolean;
  remoteImages?: boolean;
  sendOnEnter?: boolean;
  showCosts?: boolean;
}

export interface Conversation {
  id: string;
  title: string;
  folderId: string | null;
  pinned: boolean;
  tags: string[];
  settings: ChatSettings;
  headId: string | null;
  expiresAt: string | null;
  createdAt: string;
  updatedAt: string;
  generating?: boolean;
}

export interface WholeConversation extends Conversation {
  costUsd: string;
  savedUsd: string;
  messages: ChatMessage[];
}

export interface Folder {
  id: string;
  kind: 'folder' | 'project';
  name: string;
  instructions: string | null;
  settings: ChatSettings;
}

export interface StoredFile {
  id: string;
  name: string;
  mediaType: string;
  size: number;
  url: string;
}

export interface Prompt {
  id: string;
  command: string;
  title: string;
  text: string;
  shared: boolean;
  mine: boolean;
}

/** What an operator may say of a model. */
export interface ModelFacts {
  context?: number;
  maxOutput?: number;
  capabilities?: string[];
  price?: ListPrice;
}

export interface Model extends ModelFacts {
  id: string;
  provider: string;
  upstream: string;
  name?: string;
  /** Who says so. */
  source?: string;
  /** What operators said of it, which stands over what the catalogue knows. */
  said?: ModelFacts;
  local?: boolean;
}

export interface Group {
  name: string;
  origin: 'file' | 'database' | 'built-in';
  purpose?: string;
  strategy: string;
  models: { model: string; weight: number }[];
  thresholds?: number[];
  tau?: number;
  floor?: number;
  default?: string;
  verifier?: string;
  classifier?: string;
  minLogprob?: number;
}
