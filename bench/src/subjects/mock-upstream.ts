/**
 * The model provider that every subject calls, as a process of its own: `mock-upstream.ts [port]`.
 * Answers the OpenAI chat and Anthropic Messages wires. Each event of a stream is a write of its own, followed by the
 * pace that the question names, so that no two events leave together because the mock was in a hurry.
 * `GET /calls` tells how many chat calls have arrived, which shows a subject that answers without asking.
 */
import { anthropicAnswer, anthropicEvents, openaiAnswer, openaiEvents, paceOf, pathOf } from '../traffic.ts';

const encoder = new TextEncoder();
const wires = [
  { path: pathOf('openai'), answer: openaiAnswer(), events: memoise(openaiEvents) },
  { path: pathOf('anthropic'), answer: anthropicAnswer(), events: memoise(anthropicEvents) },
];
let calls = 0;

const server = Bun.serve({
  port: Number(process.argv[2] ?? 0),
  hostname: '127.0.0.1',
  idleTimeout: 0,
  async fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === '/calls') return Response.json({ calls });
    const wire = wires.find((candidate) => candidate.path === path);
    if (!wire) return new Response(`no such path: ${path}`, { status: 404 });
    calls += 1;
    const body = await request.text();
    const question: { stream?: boolean } = JSON.parse(body);
    if (!question.stream) return new Response(wire.answer, { headers: { 'content-type': 'application/json' } });
    const { paceMs, events } = paceOf(body);
    return new Response(eventStream(wire.events(events), paceMs), {
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    });
  },
});

process.send?.({ port: server.port });
process.on('disconnect', () => process.exit(0));

function eventStream(events: Uint8Array[], paceMs: number): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream({
    async pull(controller) {
      if (next > 0) await pause(paceMs);
      const event = events[next];
      next += 1;
      if (event) controller.enqueue(event);
      else controller.close();
    },
  });
}

function pause(paceMs: number): Promise<void> {
  return new Promise((resolve) => (paceMs === 0 ? setImmediate(resolve) : setTimeout(resolve, paceMs)));
}

function memoise(make: (events: number) => string[]): (events: number) => Uint8Array[] {
  const made = new Map<number, Uint8Array[]>();
  return (events) => {
    const known = made.get(events) ?? make(events).map((event) => encoder.encode(event));
    made.set(events, known);
    return known;
  };
}
