#!/usr/bin/env node
// `sluice <command>`: the server for `serve`, else the command line client.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runBun } from './bun.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command, ...rest] = process.argv.slice(2);
const wantsHelp = rest.includes('--help') || rest.includes('-h');
const together = rest.some((option) => option.startsWith('--processes'));
if (command === 'serve' && !wantsHelp)
  runBun([join(root, together ? 'server/src/main-processes.ts' : 'server/src/main.ts'), ...rest]);
else runBun([join(root, 'cli/src/main.ts'), ...process.argv.slice(2)]);
