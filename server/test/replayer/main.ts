import { parseArgs } from 'node:util';
import type { Delivery } from './answer.ts';
import { errorAfter, malformed, withoutUsage } from './faults.ts';
import { ownRecordings, type Recording, recording, recordingAt, wireOfPath } from './recording.ts';
import { startReplayer } from './replayer.ts';

const help = `A fake provider that replays a recorded answer to every POST and prints what it received.

  node scripts/bun.mjs server/test/replayer/main.ts --port 9001 --recording anthropic-messages/text

  --recording <name|path>   one of our own (--list names them), or a .json or .chunks.txt file
  --wire <wire>             the wire of a file whose path does not tell
  --port <n>                9001
  --status <n>  --header <name: value> …
  --delay-headers <ms>  --delay-first-byte <ms>  --event-delay <ms>
  --hold-after <events>  --cut-after <events>  --cut-after-bytes <n>  --end-after <events>
  --piece-bytes <n>  --split-at <byte>
  --error-after <events>  --malformed <event>  --no-usage  --no-done  --crlf  --comments  --endless`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    list: { type: 'boolean' },
    recording: { type: 'string' },
    wire: { type: 'string' },
    port: { type: 'string', default: '9001' },
    status: { type: 'string' },
    header: { type: 'string', multiple: true, default: [] },
    'delay-headers': { type: 'string' },
    'delay-first-byte': { type: 'string' },
    'event-delay': { type: 'string' },
    'hold-after': { type: 'string' },
    'cut-after': { type: 'string' },
    'cut-after-bytes': { type: 'string' },
    'end-after': { type: 'string' },
    'piece-bytes': { type: 'string' },
    'split-at': { type: 'string' },
    'error-after': { type: 'string' },
    malformed: { type: 'string' },
    'no-usage': { type: 'boolean' },
    'no-done': { type: 'boolean' },
    crlf: { type: 'boolean' },
    comments: { type: 'boolean' },
    endless: { type: 'boolean' },
  },
});

if (values.list) {
  for (const { name } of ownRecordings()) console.log(name);
} else if (values.help || !values.recording) {
  console.log(help);
  process.exitCode = values.help ? 0 : 1;
} else {
  const replayer = await startReplayer({ port: Number(values.port) });
  replayer.reply(withFaults(named(values.recording)), delivery());
  console.log(`${values.recording} at ${replayer.url}`);
  for (let count = 1; ; count++) {
    await replayer.received(count);
    const { method, path, body } = replayer.requests[count - 1]!;
    console.log(`${method} ${path} ${Buffer.from(body).toString('utf8')}`);
  }
}

function named(nameOrPath: string): Recording {
  const own = ownRecordings().find(({ name }) => name === nameOrPath);
  if (own) return recording(own.name);
  const wire = wireOfPath(values.wire ? `${values.wire}/` : nameOrPath);
  if (!wire) throw new Error('The path does not tell the wire: give --wire.');
  return recordingAt(nameOrPath, wire);
}

function withFaults(played: Recording): Recording {
  let faulty = played;
  if (values['no-usage']) faulty = withoutUsage(faulty);
  if (values.malformed) faulty = malformed(faulty, Number(values.malformed));
  if (values['error-after']) faulty = errorAfter(faulty, Number(values['error-after']));
  return faulty;
}

function delivery(): Delivery {
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  return {
    status: number(values.status),
    headers: Object.fromEntries(values.header.map((line) => line.split(/:\s*/, 2) as [string, string])),
    delayHeadersMs: number(values['delay-headers']),
    delayFirstByteMs: number(values['delay-first-byte']),
    eventDelayMs: number(values['event-delay']),
    holdAfter: number(values['hold-after']),
    cutAfter: number(values['cut-after']),
    cutAfterBytes: number(values['cut-after-bytes']),
    endAfter: number(values['end-after']),
    pieceBytes: number(values['piece-bytes']),
    splitAt: number(values['split-at']),
    endless: values.endless,
    framing: {
      lineEnd: values.crlf ? '\r\n' : '\n',
      comments: values.comments,
      ...(values['no-done'] && { done: false }),
    },
  };
}
