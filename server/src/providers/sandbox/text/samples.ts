import { pick } from '../random.ts';
import { capitalise, stopWords } from '../words.ts';
import type { Ask, Reply } from './ask.ts';

const haikus = [
  'Requests drift like rain,\none quiet gate, many seas:\neach drop finds its way.',
  'No key in the lock,\nyet the small machine answers:\nwords made out of sand.',
  'Tokens, one by one,\nfall through the sluice at first light.\nThe ledger sleeps well.',
];
const jokes = [
  'Why did the request take the long way round? It had been routed to the cheapest answer, and the cheapest answer was a joke.',
  'A gateway walks into a bar. The bartender says 429. The gateway waits one second and walks into the next bar.',
  'There are only two hard things in streaming: naming chunks, invalidating them, and off-by-one errors.',
];
const code: Record<string, [fence: string, source: string]> = {
  python: [
    'python',
    'def greet(name: str) -> str:\n    """Return a greeting."""\n    return f"Hello, {name}!"\n\n\nprint(greet("world"))',
  ],
  typescript: [
    'typescript',
    "function greet(name: string): string {\n  return 'Hello, ' + name + '!';\n}\n\nconsole.log(greet('world'));",
  ],
  javascript: [
    'javascript',
    "function greet(name) {\n  return 'Hello, ' + name + '!';\n}\n\nconsole.log(greet('world'));",
  ],
  rust: [
    'rust',
    'fn greet(name: &str) -> String {\n    format!("Hello, {name}!")\n}\n\nfn main() {\n    println!("{}", greet("world"));\n}',
  ],
  go: [
    'go',
    'package main\n\nimport "fmt"\n\nfunc greet(name string) string {\n\treturn "Hello, " + name + "!"\n}\n\nfunc main() {\n\tfmt.Println(greet("world"))\n}',
  ],
  sql: ['sql', 'SELECT model, SUM(cost_usd) AS cost\nFROM calls\nGROUP BY model\nORDER BY cost DESC;'],
  bash: ['bash', '#!/usr/bin/env bash\nset -euo pipefail\necho "Hello, $1!"'],
  html: ['html', '<!doctype html>\n<title>Hello</title>\n<p>Hello, world!</p>'],
};

/** A haiku, a joke, a piece of code or a page of markdown, ready made; they show how a chat window renders them. */
export function samples(ask: Ask): Reply | undefined {
  const { lower } = ask;
  if (!/\b(?:write|show|give|tell|make|create|compose|generate|need|want|sample|example|demo)\b/.test(lower))
    return undefined;
  if (/\b(?:haiku|poem)\b/.test(lower)) return { text: `Here it is:\n\n${pick(haikus, ask.variation)}` };
  if (/\bjoke\b/.test(lower)) return { text: pick(jokes, ask.variation) };
  if (
    /\b(?:code|function|program|script|snippet|query|hello[ ,]world)\b/.test(lower) ||
    /\bin (?:python|typescript|javascript|rust|go|sql|bash)\b/.test(lower)
  ) {
    const language = Object.keys(code).find((name) => new RegExp(`\\b${name}\\b`).test(lower)) ?? 'typescript';
    const [fence, source] = code[language]!;
    return {
      text: `A ready-made ${capitalise(language)} sample (the sandbox does not write programs):\n\n\`\`\`${fence}\n${source}\n\`\`\``,
    };
  }
  if (/\b(?:markdown|table)\b/.test(lower)) return { text: markdown };
  return undefined;
}

const markdown = `A page of markdown:

## What renders

Text with **bold**, *italic*, \`code\` and a [link](https://example.com).

| Model | Context | Input / 1M |
|---|---:|---:|
| sandbox-small | 32,768 | $0.05 |
| sandbox-large | 200,000 | $1.00 |

1. First
2. Second
   - nested

> A quotation.

\`\`\`json
{ "ok": true }
\`\`\`

$$ e^{i\\pi} + 1 = 0 $$`;

/** Text at length about whatever was asked, built from plain sentences: for watching streams, limits and scrolling. */
export function longText(ask: Ask): Reply | undefined {
  if (!ask.long && !/\b(?:essay|story|article)\b/.test(ask.lower)) return undefined;
  const wanted = Math.min(Number(/\b(\d{2,5})[- ]words?\b/i.exec(ask.text)?.[1] ?? 260), 20_000);
  const topic = topicOf(ask.text);
  const sentences: string[] = [];
  for (let index = 0, count = 0; count < wanted; index++) {
    const sentence = pick(sentencesAbout, ask.variation + index).replaceAll('%', topic);
    sentences.push(index % 5 === 4 ? `${capitalise(sentence)}\n\n` : `${capitalise(sentence)} `);
    count += sentence.split(' ').length;
  }
  return { text: sentences.join('').trim() };
}

const sentencesAbout = [
  'much can be written about %, and the sandbox can only write it in general words.',
  'whoever looks at % for the first time sees the surface, and needs a while to see what lies below it.',
  'the next question is where % begins and where it ends, for nothing stands alone.',
  'it helps to take one step after another: first name the parts, then say how they hold together.',
  'a small example often explains % better than a long definition.',
  'people have argued over % for a long time, and most of them were right about some part of it.',
  'what changes slowly is easy to overlook, and with % the slow changes matter most.',
  'the details differ from place to place, while the pattern of % stays the same.',
  'it is worth asking what would be missing if there were no %.',
  'so the last word on % is never the last; a model behind a real key will have more to say.',
  'numbers give % a scale, and stories give it a reason.',
];

function topicOf(text: string): string {
  const match = /\b(about|on|why|how|describe)\s+([^.,;:?!\n]{2,60})/i.exec(text.replace(/,\s+(why|how)\b/i, '. $1'));
  const clause = /^(?:why|how)$/i.test(match?.[1] ?? '') ? `the question ${match![1]!.toLowerCase()} ` : '';
  const words = (match?.[2] ?? text).split(/\s+/).filter((word) => match || !stopWords.has(word.toLowerCase()));
  return (
    clause +
    (words
      .slice(0, 6)
      .join(' ')
      .replace(/[.?!,]+$/, '') || 'this')
  );
}
