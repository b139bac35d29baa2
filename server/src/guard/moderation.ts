import { asArray, asNumber, isObject, tryParseJson } from '../core/json.ts';

/** An outside service that judges texts, as the operator configured it. */
export interface ModerationEndpoint {
  url: string;
  /** `openai`: the body and answer of OpenAI's moderations. `webhook`: our own, see `docs/guides/guardrails.md`. */
  form: 'openai' | 'webhook';
  apiKey?: string;
  model?: string;
  timeoutMs: number;
}

/** What was said of a text: nothing, or the categories against it. */
export interface Moderation {
  flagged: boolean;
  categories: string[];
}

export interface ModerationWish {
  text: string;
  on: 'input' | 'output';
  categories?: readonly string[];
  /** Counts a category from this score on, where scores are given. */
  threshold?: number;
}

/** Sends a request to an address that the operator configured. */
export type Send = (
  request: { url: string; method: 'POST'; headers: Record<string, string>; body: string },
  options: { signal: AbortSignal },
) => Promise<Response>;

const longestAnswer = 256 * 1024;

/** Asks an endpoint about a text. Throws when it cannot be reached, is too slow or answers with something else. */
export async function moderate(
  send: Send,
  endpoint: ModerationEndpoint,
  { text, on, categories, threshold }: ModerationWish,
  signal: AbortSignal,
): Promise<Moderation> {
  const { url, form, apiKey, model, timeoutMs } = endpoint;
  const body = form === 'openai' ? { input: text, ...(model !== undefined && { model }) } : { text, on };
  const timeout = AbortSignal.timeout(timeoutMs);
  const response = await send(
    {
      url,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
      body: JSON.stringify(body),
    },
    { signal: AbortSignal.any([signal, timeout]) },
  );
  const answer = await readAnswer(response);
  if (!response.ok) throw new Error(`it answered with status ${response.status}`);
  const said = form === 'openai' ? readOpenAi(answer, threshold) : readWebhook(answer, threshold);
  if (!said) throw new Error('it answered with something that is no judgement');
  if (!categories) return said;
  const counted = said.categories.filter((category) => categories.includes(category));
  return { flagged: counted.length > 0, categories: counted };
}

async function readAnswer(response: Response): Promise<unknown> {
  const declared = Number(response.headers.get('content-length') ?? 0);
  if (declared > longestAnswer) throw new Error('its answer is too long');
  const text = await response.text();
  if (text.length > longestAnswer) throw new Error('its answer is too long');
  return tryParseJson(text);
}

function readOpenAi(answer: unknown, threshold: number | undefined): Moderation | undefined {
  const results = isObject(answer) ? asArray(answer.results).filter(isObject) : [];
  if (results.length === 0) return undefined;
  const categories = new Set<string>();
  let flagged = false;
  for (const result of results) {
    if (threshold === undefined) {
      flagged ||= result.flagged === true;
      for (const [name, is] of Object.entries(isObject(result.categories) ? result.categories : {}))
        if (is === true) categories.add(name);
    } else {
      for (const [name, score] of Object.entries(isObject(result.category_scores) ? result.category_scores : {}))
        if ((asNumber(score) ?? 0) >= threshold) categories.add(name);
      flagged = categories.size > 0;
    }
  }
  return { flagged, categories: [...categories] };
}

function readWebhook(answer: unknown, threshold: number | undefined): Moderation | undefined {
  if (!isObject(answer) || typeof answer.flagged !== 'boolean') return undefined;
  const score = asNumber(answer.score);
  const flagged = threshold !== undefined && score !== undefined ? score >= threshold : answer.flagged;
  return { flagged, categories: flagged ? asArray(answer.categories).filter((name) => typeof name === 'string') : [] };
}
