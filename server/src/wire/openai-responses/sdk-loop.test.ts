import { expect, test } from 'bun:test';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, jsonSchema, stepCountIs, tool } from 'ai';
import OpenAI from 'openai';
import { collectAnswer } from '../../core/chat-answer.ts';
import type { JsonObject } from '../../core/json.ts';
import { buildAnswer } from './build-answer.ts';
import { buildRequest } from './build-request.ts';
import { parseAnswer } from './parse-answer.ts';
import { parseRequest } from './parse-request.ts';
import { contextFor, recording } from './test-support.ts';

/** Answers the SDK's requests with recordings, through the wire both ways, and keeps what reached the provider. */
function gateway(names: string[]) {
  const sent: JsonObject[] = [];
  const fetch = async (_: unknown, init?: RequestInit) => {
    const request = parseRequest(JSON.parse(String(init?.body)));
    const { body, losses } = buildRequest(request, { upstream: 'upstream' }, {});
    expect(losses).toEqual([]);
    const answer = collectAnswer(parseAnswer(recording(names[sent.length]!).body));
    sent.push(body);
    return Response.json(buildAnswer(answer, contextFor(request)));
  };
  return { sent, fetch };
}

const inputOf = (body: JsonObject | undefined) => body?.input as JsonObject[];
const kindsOf = (body: JsonObject | undefined) => inputOf(body).map(({ type, role }) => role ?? type);

test('a tool loop of the official SDK keeps its encrypted thinking', async () => {
  const { sent, fetch } = gateway(['reasoning-encrypted', 'text']);
  const client = new OpenAI({ apiKey: 'test', fetch });
  const common = {
    model: 'm',
    store: false,
    instructions: 'Be brief.',
    include: ['reasoning.encrypted_content' as const],
  };
  const first = await client.responses.create({ ...common, input: 'Weather?' });
  const call = first.output.find((item) => item.type === 'function_call')!;
  const result = { type: 'function_call_output' as const, call_id: call.call_id, output: 'Sunny.' };
  const second = await client.responses.create({
    ...common,
    input: [{ role: 'user', content: 'Weather?' }, ...(first.output as OpenAI.Responses.ResponseInput), result],
  });
  expect(second.output_text).toStartWith('Lisbon lies');
  expect(kindsOf(sent[1])).toEqual(['user', 'reasoning', 'function_call', 'function_call_output']);
  expect(inputOf(sent[1])[1]).toMatchObject({
    id: 'rs_6841c0de07',
    encrypted_content: (recording('reasoning-encrypted').body.output as JsonObject[])[0]?.encrypted_content,
  });
});

test('a tool loop of the AI SDK comes through', async () => {
  const { sent, fetch } = gateway(['reasoning-encrypted', 'text']);
  const provider = createOpenAI({ apiKey: 'test', fetch: Object.assign(fetch, { preconnect: () => {} }) });
  const { text } = await generateText({
    model: provider.responses('gpt-5'),
    system: 'Be brief.',
    prompt: 'Weather?',
    providerOptions: { openai: { store: false, reasoningEffort: 'low' } },
    stopWhen: stepCountIs(2),
    tools: {
      get_weather: tool({
        inputSchema: jsonSchema<{ city: string }>({ type: 'object', properties: { city: { type: 'string' } } }),
        execute: async ({ city }) => `Sunny in ${city}.`,
      }),
    },
  });
  expect(text).toStartWith('Lisbon lies');
  expect(kindsOf(sent[1])).toEqual(['developer', 'user', 'reasoning', 'function_call', 'function_call_output']);
});
