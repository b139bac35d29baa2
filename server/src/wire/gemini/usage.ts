import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { totalInput, totalOutput, type Usage } from '../../core/usage.ts';

/**
 * `usageMetadata` in disjoint buckets: promptTokenCount includes cached tokens, thoughts stand beside the candidates' tokens,
 * tool results that the provider read itself count as input. Undefined when the object gives no counts.
 */
export function parseUsage(metadata: unknown): Usage | undefined {
  const given = asObject(metadata);
  if (!given) return undefined;
  const prompt = asNumber(given.promptTokenCount);
  const candidates = asNumber(given.candidatesTokenCount);
  const thoughts = asNumber(given.thoughtsTokenCount);
  if (prompt === undefined && candidates === undefined && thoughts === undefined) return undefined;
  const cached = asNumber(given.cachedContentTokenCount) ?? 0;
  const heard = audioTokens(given.promptTokensDetails) - audioTokens(given.cacheTokensDetails);
  const audioInput = Math.max(0, heard);
  const audioOutput = audioTokens(given.candidatesTokensDetails);
  const input = (prompt ?? 0) + (asNumber(given.toolUsePromptTokenCount) ?? 0) - cached - audioInput;
  return {
    input: Math.max(0, input),
    cacheRead: cached,
    cacheWrite: 0,
    cacheWrite1h: 0,
    audioInput,
    output: Math.max(0, (candidates ?? 0) - audioOutput) + (thoughts ?? 0),
    reasoning: thoughts ?? 0,
    audioOutput,
  };
}

function audioTokens(details: unknown): number {
  if (details === undefined) return 0;
  let tokens = 0;
  for (const entry of asArray(details)) {
    const detail = asObject(entry);
    if (asString(detail?.modality) === 'AUDIO') tokens += asNumber(detail?.tokenCount) ?? 0;
  }
  return tokens;
}

/** Usage as `usageMetadata`. Tokens written to a cache count as prompt, which is all that Gemini knows of them. */
export function buildUsage(usage: Usage): JsonObject {
  const prompt = totalInput(usage);
  const output = totalOutput(usage);
  const metadata: JsonObject = {
    promptTokenCount: prompt,
    candidatesTokenCount: output - usage.reasoning,
    totalTokenCount: prompt + output,
  };
  if (usage.cacheRead > 0) metadata.cachedContentTokenCount = usage.cacheRead;
  if (usage.reasoning > 0) metadata.thoughtsTokenCount = usage.reasoning;
  if (usage.audioInput > 0) metadata.promptTokensDetails = byModality(prompt - usage.audioInput, usage.audioInput);
  if (usage.audioOutput > 0)
    metadata.candidatesTokensDetails = byModality(output - usage.reasoning - usage.audioOutput, usage.audioOutput);
  return metadata;
}

const byModality = (text: number, audio: number): JsonObject[] => [
  { modality: 'TEXT', tokenCount: text },
  { modality: 'AUDIO', tokenCount: audio },
];
