/** The chat protocols Sluice speaks. A dialect is a wire that callers may use; bedrock-converse is only spoken to Bedrock. */
export const dialects = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const;
export const wireNames = [...dialects, 'bedrock-converse'] as const;

export type Dialect = (typeof dialects)[number];
export type WireName = (typeof wireNames)[number];
