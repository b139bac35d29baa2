import { describeAttachment } from '../attachment.ts';
import { pick } from '../random.ts';
import type { Ask, Reply } from './ask.ts';

const greeting =
  /^(?:hi|hello|hey|good (?:morning|evening|afternoon)|howdy|greetings|hola|bonjour)\b[\s,!.]*(?:there|all|everyone|sandbox|assistant|world|again)?[\s!.?]*(?:how are you\??)?$/;
const thanks = /^(?:thanks?|thank you|cheers|great|perfect|ok|okay|cool)\b.{0,20}$/;
const identity =
  /\b(?:who|what) are you\b|\bwhat can you do\b|\bwhat model\b|\bwhich model\b|^(?:help|\?)$|\bare you (?:real|an? (?:ai|model|bot|human))\b/;

export function greetingReply(ask: Ask): Reply | undefined {
  if (greeting.test(ask.lower))
    return {
      text: pick(
        [
          'Hello! I am the offline sandbox.',
          'Hi there, this is the offline sandbox.',
          'Good to see you: the offline sandbox is listening.',
        ],
        ask.variation,
      ).concat(
        ' Try “what is 17*23”, “count to 5” or “write a haiku”, or connect a real provider for everything else.',
      ),
    };
  if (thanks.test(ask.lower)) return { text: pick(['You are welcome.', 'Any time.', 'Glad to help.'], ask.variation) };
  return undefined;
}

export function identityReply(ask: Ask): Reply | undefined {
  if (!identity.test(ask.lower)) return undefined;
  return {
    text: `I am ${ask.input.model.id}, a deterministic stand-in for a language model that runs inside the gateway, offline. I do arithmetic, count, greet in sixteen languages, call your tools, fill JSON schemas, stream, reason and count tokens, so that routing, cost and SDKs can be tried without a key. ${howToConnect}`,
  };
}

/** What came with the message, by kind and size. */
export function attachmentReply(ask: Ask): Reply | undefined {
  if (ask.attachments.length === 0) return undefined;
  const received = ask.attachments.map(describeAttachment).join(', ');
  const kinds = [...new Set(ask.attachments.map((attachment) => attachment.kind))].join(' and ');
  if (ask.brief) return { text: kinds, exact: true };
  const words = ask.attachments
    .find((attachment) => attachment.text)
    ?.text?.trim()
    .slice(0, 160);
  const limit = ask.input.model.sees
    ? `The sandbox looks at the ${kinds} only so far as to tell its kind and size.`
    : `${ask.input.model.id} cannot read ${kinds} input; sandbox-large stands for a model that can.`;
  return { text: `I received ${received}. ${words ? `The document begins: “${words}”. ` : ''}${limit}` };
}

/** When nothing else fits: what this is, what it received and how to go on. */
export function sandboxHelp(ask: Ask): Reply {
  const { verbosity } = ask.input;
  if (ask.brief) return { text: briefGuess(ask), exact: true };
  const quote = ask.text.replace(/\s+/g, ' ').slice(0, 120);
  const received = quote === '' ? 'an empty message' : `“${quote}${ask.text.length > 120 ? '…' : ''}”`;
  const opening = pick(
    [
      `This is the offline sandbox, so there is no real model behind this answer. I received ${received}.`,
      `You are talking to the offline sandbox; no model was called. Your message was ${received}.`,
      `The offline sandbox answers here in place of a model. What arrived: ${received}.`,
      `No provider is connected yet, so the offline sandbox replies. It read ${received}.`,
    ],
    ask.variation,
  );
  if (verbosity === 'low') return { text: opening };
  const turns = ask.turns.filter((turn) => turn.role === 'user').length;
  const more = turns > 1 ? ` It is message ${turns} of this conversation.` : '';
  const extra =
    verbosity === 'high'
      ? ' Everything round the answer is real: the route, the stream, the token counts, the price and the line in the ledger.'
      : '';
  return { text: `${opening}${more} ${howToConnect}${extra}` };
}

const howToConnect =
  'To connect a real provider, set its key in the environment (for example OPENAI_API_KEY) and start again, or add it to sluice.yaml.';

// The caller wants a bare value that the sandbox does not know: one plain word is closer to that than a paragraph.
function briefGuess(ask: Ask): string {
  if (/\byes or no\b|^(?:is|are|does|do|can|was|were|will|should)\b/.test(ask.lower))
    return pick(['Yes', 'No'], ask.variation);
  if (/\bnumber\b|\bhow many\b|\bdigit/.test(ask.lower)) return String(1 + (ask.variation % 9));
  return pick(['sandbox', 'unknown', 'offline', 'placeholder'], ask.variation);
}
