import { quoted } from '../hints.ts';
import { type Ask, type Reply, say } from './ask.ts';

const subjectPattern =
  /\b(?:the )?(?:word|string|text|phrase|letters of)?\s*:?\s*["“'`]?([\p{L}\p{N}_-]+)["”'`]?\s*[?.!]*$/iu;

/** `Reverse the word stressed`, `convert 'abc' to uppercase`, `how many r in strawberry`, `summarize: …`, `give it a title`. */
export function transforms(ask: Ask): Reply | undefined {
  const { lower } = ask;
  const letter =
    /\bhow many (?:letter )?["'“]?([a-z])["'”]?(?:'s|s)?(?: letters?| are there| are)? (?:in|does)(?: the)?(?: word)? ["'“]?([\p{L}]+)/u.exec(
      lower,
    );
  if (letter) {
    const count = letter[2]!.split(letter[1]!).length - 1;
    return {
      ...say(ask, String(count), `There ${count === 1 ? 'is' : 'are'} ${count} “${letter[1]}” in “${letter[2]}”.`),
      number: count,
    };
  }
  const action = /\b(reverse|upper ?case|lower ?case|spell|backwards?)\b/.exec(lower)?.[1]?.replace(' ', '');
  const word = action && (quoted(ask.text)[0] ?? subjectPattern.exec(ask.text)?.[1]);
  if (action && word && !word.toLowerCase().startsWith(action)) {
    if (action === 'uppercase') return say(ask, word.toUpperCase(), word.toUpperCase());
    if (action === 'lowercase') return say(ask, word.toLowerCase(), word.toLowerCase());
    if (action === 'spell')
      return say(ask, [...word].join('-'), `“${word}” is spelled ${[...word].join('-').toUpperCase()}.`);
    const turned = [...word].reverse().join('');
    return say(ask, turned, `“${word}” backwards is “${turned}”.`);
  }
  return summary(ask);
}

function summary(ask: Ask): Reply | undefined {
  if (
    /\b(?:title|name) (?:for|of) (?:this|the) (?:chat|conversation|thread)\b|\b(?:short|concise|brief) title\b/i.test(
      `${ask.text}\n${ask.system}`,
    )
  ) {
    return { text: titleOf(ask), exact: true };
  }
  const source = /\b(?:summari[sz]e|tl;?dr|summary of)\b[^:\n]{0,60}[:\n]+([\s\S]{40,})$/i.exec(ask.text)?.[1];
  if (source === undefined) return undefined;
  const sentences = source.trim().split(/(?<=[.!?])\s+/);
  const kept = sentences.length > 3 ? [sentences[0], sentences[Math.floor(sentences.length / 2)]] : [sentences[0]];
  return { text: `In short: ${kept.join(' ')}` };
}

/** The first few words of what the conversation began with. */
function titleOf(ask: Ask): string {
  const quote = /(?:message|conversation|chat|text|user)[^:\n]{0,40}:\s*([\s\S]+)$/i.exec(ask.text)?.[1];
  const first =
    quote ?? ask.turns.find((turn) => turn.role === 'user' && turn.text.trim() !== ask.text)?.text ?? ask.text;
  const words = first
    .replace(/^\s*(?:user|human)\s*:\s*/i, '')
    .replace(/[^\p{L}\p{N}\s'’*+/-]/gu, ' ')
    .trim()
    .split(/\s+/)
    .slice(0, 6);
  const title = words.join(' ').slice(0, 60);
  return title === '' ? 'New conversation' : title.charAt(0).toUpperCase() + title.slice(1);
}
