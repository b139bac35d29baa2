import { expect, test } from 'bun:test';
import type OpenAI from 'openai';
import { client, timeTool, weatherTool } from '../test-client.ts';

const define = (name: string, description: string, properties: Record<string, unknown>): OpenAI.ChatCompletionTool => ({
  type: 'function',
  function: { name, description, parameters: { type: 'object', properties, required: Object.keys(properties) } },
});
const bookTable = define('book_table', 'Book a restaurant table.', {
  restaurant: { type: 'string' },
  party_size: { type: 'integer' },
  outdoor: { type: 'boolean' },
});
const writeFile = define('write_file', 'Write a text file.', { path: { type: 'string' }, content: { type: 'string' } });
const flights = define('search_flights', 'Search flights between two cities', {
  origin: { type: 'string' },
  destination: { type: 'string' },
  date: { type: 'string', format: 'date' },
});
const all = [weatherTool, timeTool, bookTable, writeFile, flights];

async function ask(content: string, more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {}) {
  const answer = await client.chat.completions.create({
    model: 'sandbox-small',
    messages: [{ role: 'user', content }],
    tools: all,
    ...more,
  });
  return answer.choices[0]!;
}

const callsOf = (choice: OpenAI.ChatCompletion.Choice): [string, unknown][] =>
  (choice.message.tool_calls ?? []).map((call) => {
    if (call.type !== 'function') throw new Error('not a function call');
    return [call.function.name, JSON.parse(call.function.arguments)];
  });

test('a tool is called when the message asks for what it does, with values out of the message', async () => {
  const choice = await ask("What's the weather in Paris?");
  expect(choice).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
  expect(callsOf(choice)).toEqual([['get_weather', { city: 'Paris' }]]);
  expect(callsOf(await ask('Book a table at Chez Nous for 4 people, outdoors.'))).toEqual([
    ['book_table', { restaurant: 'Chez Nous', party_size: 4, outdoor: true }],
  ]);
  expect(callsOf(await ask('Find flights from Paris to New York on 2025-03-04'))).toEqual([
    ['search_flights', { origin: 'Paris', destination: 'New York', date: '2025-03-04' }],
  ]);
  expect(callsOf(await ask('Call write_file with path notes.md and content exactly:\none </x>\ntwo'))).toEqual([
    ['write_file', { path: 'notes.md', content: 'one </x>\ntwo' }],
  ]);
});

test('a message that asks for nothing a tool does is answered in text', async () => {
  for (const content of [
    'Tell me a joke',
    'What is 2+2?',
    'Hello there',
    'What is the weather in Rome? Do not use any tools.',
  ]) {
    const choice = await ask(content);
    expect(choice.finish_reason).toBe('stop');
    expect(choice.message.tool_calls).toBeUndefined();
  }
});

test('several tools or several values become parallel calls, unless only one at a time is allowed', async () => {
  const both = "What's the weather AND the current time in Tokyo? Call both tools.";
  expect(callsOf(await ask(both))).toEqual([
    ['get_weather', { city: 'Tokyo' }],
    ['get_time', { city: 'Tokyo' }],
  ]);
  expect(callsOf(await ask('Weather in Paris, London and Rome in celsius'))).toEqual(
    ['Paris', 'London', 'Rome'].map((city) => ['get_weather', { city, unit: 'celsius' }]),
  );
  expect(callsOf(await ask('Weather in Paris, France?'))).toEqual([['get_weather', { city: 'Paris, France' }]]);
  expect(callsOf(await ask(both, { parallel_tool_calls: false }))).toEqual([['get_weather', { city: 'Tokyo' }]]);
});

test('tool_choice none never calls, required and a named tool always do', async () => {
  expect((await ask('Weather in Paris?', { tool_choice: 'none' })).message.tool_calls).toBeUndefined();
  expect(callsOf(await ask('Hello', { tool_choice: 'required' }))).toHaveLength(1);
  const named = await ask('Weather in Paris?', { tool_choice: { type: 'function', function: { name: 'get_time' } } });
  expect(callsOf(named)).toEqual([['get_time', { city: 'Paris' }]]);
  const allowed = await ask('Weather in Paris?', {
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'book_table' } }] },
    },
  });
  expect(callsOf(allowed)[0]![0]).toBe('book_table');
  await expect(ask('Hi', { tool_choice: { type: 'function', function: { name: 'missing' } } })).rejects.toThrow(
    /missing/,
  );
});

test('results are answered in text that quotes them; ids of calls are never used twice', async () => {
  const first = await ask("What's the weather in Paris?");
  const again = await ask("What's the weather in Paris?");
  const call = first.message.tool_calls![0]!;
  expect(again.message.tool_calls![0]!.id).not.toBe(call.id);
  const after = await ask('', {
    messages: [
      { role: 'user', content: "What's the weather in Paris?" },
      first.message,
      { role: 'tool', tool_call_id: call.id, content: '{"degrees":21}' },
    ],
  });
  expect(after.finish_reason).toBe('stop');
  expect(after.message.content).toContain('get_weather returned {"degrees":21}');
});

test('one call at a time still makes them all, one after each result', async () => {
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Weather and time in Tokyo?' }];
  const made: string[] = [];
  for (let turn = 0; turn < 5; turn++) {
    const choice = await ask('', { messages, parallel_tool_calls: false });
    if (choice.finish_reason === 'stop') {
      expect(choice.message.content).toContain('get_time returned ok');
      break;
    }
    made.push(callsOf(choice)[0]![0]);
    messages.push(choice.message, { role: 'tool', tool_call_id: choice.message.tool_calls![0]!.id, content: 'ok' });
  }
  expect(made).toEqual(['get_weather', 'get_time']);
});

test("the SDK's own tool loop runs to its end", async () => {
  const runner = client.chat.completions.runTools({
    model: 'sandbox-large',
    messages: [{ role: 'user', content: 'What is the weather in Oslo?' }],
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'Get the current weather for a city.',
          parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          parse: (text: string): { city: string } => JSON.parse(text),
          function: ({ city }: { city: string }) => `${city}: rain`,
        },
      },
    ],
  });
  expect(await runner.finalContent()).toContain('Oslo: rain');
});
