import { capitalise, unquote } from '../words.ts';
import type { Ask, Reply } from './ask.ts';

const verb = '(?:say|reply|respond|answer|return|output|print|write|repeat|echo|type)';

/**
 * The exact text that the user, or a standing order of the system message, wants back: `Reply with exactly: PONG`,
 * `say 'hello'`, `respond with only the word X`, `repeat after me: …`. It leaves without the label.
 */
export function exactReply(ask: Ask): Reply | undefined {
  const standing =
    /\b(?:always|whatever|no matter|regardless|every (?:message|question|prompt)|any (?:message|question))\b/i;
  const ordered = standing.test(ask.system) ? exactText(ask.system) : undefined;
  const text = ordered ?? exactText(ask.text);
  return text === undefined ? undefined : { text, exact: true };
}

function exactText(request: string): string | undefined {
  const text = afterColon(request) ?? inQuotes(request) ?? theWord(request) ?? shortSay(request);
  if (text === undefined || text === '') return undefined;
  if (/\bin (?:all )?(?:upper ?case|capitals)\b/i.test(request)) return text.toUpperCase();
  return /\bin (?:all )?lower ?case\b/i.test(request) ? text.toLowerCase() : text;
}

const colonOrder = new RegExp(
  String.raw`\b${verb}\b[^:\n]{0,60}?\b(?:exactly|only|just|verbatim|exact|nothing (?:but|else|more)|after me|back|this|the (?:following|text|words?|phrase|string|message|line))\b[^:\n"'“‘\x60]{0,60}:[ \t]*\n?([\s\S]+)$`,
  'i',
);
const plainColon = /^(?:please )?(?:say|repeat|echo|reply|reply with|respond with|print|output)\s*:\s*([\s\S]+)$/i;

function afterColon(request: string): string | undefined {
  const rest = (colonOrder.exec(request)?.[1] ?? plainColon.exec(request)?.[1])?.trim();
  return rest === undefined ? undefined : unquote(rest);
}

const quotedOrder = new RegExp(
  String.raw`\b${verb}\b[^"'“‘\x60:\n]{0,70}?(?<=[\s(:])(?:"([^"]+)"|'([^'\n]+)'(?![\p{L}])|“([^”]+)”|‘([^’]+)’(?![\p{L}])|\x60([^\x60]+)\x60)\s*(.{0,80})$`,
  'isu',
);

function inQuotes(request: string): string | undefined {
  const match = quotedOrder.exec(request);
  if (!match) return undefined;
  const between = match[0].slice(0, match[0].search(/["'“‘`]/));
  // `Write a function called 'add'`, `say 'hello' in French`, `Repeat 'x' 3 times` ask for more than the quotation.
  if (/\b(?:a|an|called|named|about|how|what|why|key|keys|field|number of|letters? in)\b/i.test(between))
    return undefined;
  if (
    /\b(?:in (?!upper|lower|all|exactly|one)\p{Lu}?\p{L}+|backwards?|times|as json|translated|if|when)\b/iu.test(
      match[6] ?? '',
    )
  )
    return undefined;
  return match.slice(1, 6).find((group) => group !== undefined);
}

const wordOrder = new RegExp(
  String.raw`\b${verb}\b[^:\n]{0,40}?\b(?:only|just|exactly|exact|single|one|the)\s+(?:with\s+)?(?:the\s+)?(?:exact\s+|single\s+)?(?:word|text|string|phrase|token)s?\s+([^\s.,!?;:"'“”]+)`,
  'i',
);

// What follows `just the word` when no word is given: `just the word that fits`, `only the text of the answer`.
const noWord =
  /^(?:and|as|at|between|by|about|count|for|from|if|in|is|itself|limit|long|of|on|only|or|per|that|to|which|with|without|you|your)$/i;

function theWord(request: string): string | undefined {
  const word = wordOrder.exec(request)?.[1];
  return word === undefined || noWord.test(word) || /\btimes\b/i.test(request) ? undefined : word;
}

const sayOrder =
  /^(?:please |now |just |simply )*(?:(?:say|echo)(?: just| only| exactly)?|(?:reply|respond|answer)(?: back)? (?:with )?(?:just|only|exactly|with)(?: the)?) +([^"'.!?\n:]{1,60}?)(?:,? (?:and|with) nothing (?:else|more)| in (?:exactly )?one word| exactly| only|,? please| back| if you [^.!?]{1,60})*[.!?]*$/i;
const vague =
  /^(?:a|an|the|some|something|anything|nothing|what|why|how|who|when|where|which|whatever|your|my|yes or no|it|that|this|more|one|two|three|number|answer|name|city|word|if|whether|json|only|just)\b|\b(?:in (?:french|spanish|german|italian|portuguese|dutch|polish|swedish|japanese|chinese|korean|russian|turkish|hindi|arabic|latin|json|yaml))\b|\bor\b|\btimes\b/i;

/** `Say hello.`, `Reply with PONG`: a few plain words, the whole last sentence. */
function shortSay(request: string): string | undefined {
  const sentence = request.split(/(?<=[.!?])\s+|\n+/).findLast((part) => part.trim() !== '');
  const words = sayOrder.exec(sentence?.trim() ?? '')?.[1]?.trim();
  if (words === undefined || vague.test(words) || words.split(/\s+/).length > 4) return undefined;
  return /^(?:hi|hello|hey)$/.test(words) ? capitalise(words) : words;
}
