import { expect, test } from 'bun:test';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { client, textFor } from './test-client.ts';

test('json_object gives an object, with the keys that the user names', async () => {
  const format = { response_format: { type: 'json_object' } } as const;
  expect(JSON.parse(await textFor('what is 17*23? Answer in JSON.', format))).toEqual({ answer: 391, sandbox: true });
  const named = JSON.parse(
    await textFor('Return a JSON object with keys "name" (a string), "age" (a number) and "tags" (a list).', format),
  );
  expect(named).toEqual({ name: expect.any(String), age: expect.any(Number), tags: expect.any(Array) });
});

test("a schema made by the SDK's zod helper parses back, with the answer in its place", async () => {
  const format = z.object({
    steps: z.array(z.object({ explanation: z.string(), output: z.string() })),
    final_answer: z.number(),
    mood: z.enum(['calm', 'angry']).nullable(),
  });
  const answer = await client.chat.completions.parse({
    model: 'sandbox-small',
    messages: [{ role: 'user', content: 'what is 17*23?' }],
    response_format: zodResponseFormat(format, 'math'),
  });
  expect(answer.choices[0]!.message.parsed).toMatchObject({ final_answer: 391, mood: 'calm' });
});

test('JSON text carries no label and is the same every time, but not for every seed', async () => {
  const ask = (seed?: number) =>
    textFor('Invent a person.', {
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'person',
          schema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
        },
      },
      ...(seed !== undefined && { seed }),
    });
  expect(JSON.parse(await ask())).toEqual({ name: 'Ada Lovelace' });
  expect(await ask()).toBe(await ask());
  expect(new Set(await Promise.all([1, 2, 3, 4, 5].map(ask))).size).toBeGreaterThan(1);
});

test('words alone that want nothing but JSON get it bare, with the keys or in the form that they give', async () => {
  expect(
    JSON.parse(await textFor('Return ONLY raw JSON: {"user": {"name": string, "pets": [string, string]}}. No prose.')),
  ).toEqual({
    user: { name: 'example', pets: ['example', 'example'] },
  });
  expect(
    JSON.parse(await textFor('Reply with only a JSON object with keys "name" (string) and "age" (number).')),
  ).toEqual({
    name: 'Ada Lovelace',
    age: 36,
  });
  expect(await textFor('Return exactly this JSON: {"a":1}')).toBe('{"a":1}');
});
