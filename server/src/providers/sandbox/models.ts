import type { ModelInfo } from '../../core/model-info.ts';

/** What the sandbox needs to know of one of its chat models while it answers. */
export interface SandboxModel {
  id: string;
  /** The word in the label that begins its answers: `[sandbox small] `. */
  size: 'small' | 'large';
  context: number;
  maxOutput: number;
  reasons: boolean;
  sees: boolean;
}

export const chatModels: readonly SandboxModel[] = [
  { id: 'sandbox-small', size: 'small', context: 32_768, maxOutput: 4096, reasons: false, sees: false },
  { id: 'sandbox-large', size: 'large', context: 200_000, maxOutput: 32_768, reasons: true, sees: true },
];

export const embeddingModel = { id: 'sandbox-embedding', context: 8192, dimensions: 1536 } as const;

const source = 'built in';

/** What the sandbox serves, for the catalogue. The prices are pretend money: they let cost and budgets be seen at work. */
export const sandboxModels: readonly ModelInfo[] = [
  {
    provider: 'sandbox',
    id: 'sandbox-small',
    name: 'Sandbox Small',
    family: 'sandbox',
    context: 32_768,
    maxOutput: 4096,
    capabilities: ['tools', 'structured-output', 'temperature'],
    price: { input: 0.05, output: 0.2 },
    source,
  },
  {
    provider: 'sandbox',
    id: 'sandbox-large',
    name: 'Sandbox Large',
    family: 'sandbox',
    context: 200_000,
    maxOutput: 32_768,
    capabilities: ['tools', 'structured-output', 'temperature', 'vision', 'documents', 'audio-in', 'reasoning'],
    price: { input: 1, output: 4 },
    source,
  },
  {
    provider: 'sandbox',
    id: embeddingModel.id,
    name: 'Sandbox Embedding',
    family: 'sandbox',
    context: embeddingModel.context,
    capabilities: ['embeddings'],
    price: { input: 0.01, output: 0 },
    source,
  },
];
