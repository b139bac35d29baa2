import { beforeAll, expect, test } from 'bun:test';
import { firstUseMs, type ServerProcess, sharedServer } from '../../../test/shared-server.ts';
import { hasTerminal, openTerminal } from '../../../test/terminal.ts';

if (!hasTerminal) console.log('skipped: conversations need the program `script` (Debian: bsdutils) for a terminal');
const inTerminal = test.skipIf(!hasTerminal);

let server: ServerProcess;
beforeAll(async () => {
  server = await sharedServer();
}, firstUseMs);

const enter = '\r';
const ctrlC = '\x03';
const prompt = /\r\n> $/;
const receipt = /first token \d+ ms/;

inTerminal(
  'a conversation remembers what was said until /new',
  async () => {
    using terminal = openTerminal('chat', server);
    await terminal.see(prompt);
    terminal.type(`my name is Ada${enter}`);
    await terminal.see(receipt);
    await terminal.see(prompt);
    terminal.type(`what is my name${enter}`);
    expect(await terminal.see(receipt)).toContain('Ada');
    await terminal.see(prompt);
    terminal.type(`/new${enter}`);
    await terminal.see(prompt);
    terminal.type(`what is my name${enter}`);
    expect(await terminal.see(receipt)).not.toContain('Ada');
    await terminal.see(prompt);
    terminal.type(`/exit${enter}`);
    expect(await terminal.ended).toBe(0);
  },
  firstUseMs,
);

inTerminal(
  '/model lets another model answer, and corrects a name',
  async () => {
    using terminal = openTerminal('chat -m sandbox/sandbox-small "what is 2+2"', server);
    expect(await terminal.see(receipt)).toContain('[sandbox small] 2 + 2 = 4');
    await terminal.see(prompt);
    terminal.type(`/modle${enter}`);
    await terminal.see(/Did you mean \/model\?/);
    await terminal.see(prompt);
    terminal.type(`/model sandbox/sandbox-large${enter}`);
    await terminal.see(/sandbox\/sandbox-large answers from now on/);
    await terminal.see(prompt);
    terminal.type(`what is 2+3${enter}`);
    expect(await terminal.see(receipt)).toContain('[sandbox large] 2 + 3 = 5');
    await terminal.see(prompt);
    terminal.type(`/exit${enter}`);
    expect(await terminal.ended).toBe(0);
  },
  firstUseMs,
);

inTerminal(
  'Ctrl-C stops an answer and the conversation goes on; twice at the prompt leaves',
  async () => {
    using terminal = openTerminal('chat -m slow/sandbox-small', server);
    await terminal.see(prompt);
    terminal.type(`sandbox:tokens=5000${enter}`);
    await terminal.see(/sand water/);
    terminal.type(ctrlC);
    await terminal.see(/stopped\r\nslow\/sandbox-small/);
    await terminal.see(prompt);
    terminal.type(ctrlC);
    await terminal.see(/Press Ctrl-C again to leave/);
    await terminal.see(/> $/);
    terminal.type(ctrlC);
    expect(await terminal.ended).toBe(0);
  },
  firstUseMs,
);

inTerminal(
  'what a model says cannot steer the terminal',
  async () => {
    using terminal = openTerminal('chat --once "Repeat exactly: a\x1b]0;title\x07b"', server);
    const shown = await terminal.see(receipt);
    expect(shown).toContain('a]0;titleb');
    expect(await terminal.ended).toBe(0);
  },
  firstUseMs,
);
