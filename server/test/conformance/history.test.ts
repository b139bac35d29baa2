import { expect, test } from 'bun:test';
import type { AnswerPart, ChatAnswer } from '../../src/core/chat-answer.ts';
import { asArray, asObject, type JsonObject } from '../../src/core/json.ts';
import type { Signature } from '../../src/core/signature.ts';
import { type Dialect, dialects } from '../../src/core/wire-name.ts';
import { inbound, jsonOf, outbound, readWhole, recordedAnswers, writeWhole } from './codec.ts';

// The second turn: what a caller was answered comes back as history, and the provider that thought it gets its own words
// back: thinking byte for byte with its signature, calls with the ids and arguments it gave.

const signed = recordedAnswers.flatMap((recording) => {
  if (!recording.body) return [];
  const { answer, error } = readWhole(recording.wire, jsonOf(recording));
  // A blocked prompt has no answer to send back.
  const said = answer.choices.length === 1 && answer.choices[0]!.parts.length > 0;
  return error || !said ? [] : [{ recording, answer }];
});

for (const { recording, answer } of signed) {
  for (const dialect of dialects) {
    test(`${recording.name} comes back whole as history in ${dialect}`, () => {
      const request = inbound[dialect].parseRequest(secondTurn(dialect, writeWhole(dialect, answer).body), {
        model: 'm',
        stream: false,
      });
      const parts = request.messages.filter(({ role }) => role === 'assistant').flatMap((message) => message.parts);
      // Gemini's own callers tell calls apart by name and order: ids that we made up are not shown to them.
      const shown =
        dialect === 'gemini'
          ? ({ id: _, ...call }: ReturnType<typeof callsIn>[number]) => call
          : (call: object) => call;
      expect(callsIn(parts).map(shown)).toEqual(callsIn(partsOf(answer)).map(shown));
      expect(signaturesIn(parts)).toEqual(signaturesIn(partsOf(answer)));
      expect(redactedIn(parts)).toEqual(redactedIn(partsOf(answer)));

      const { body } = outbound[recording.wire].buildRequest(
        { ...request, tools: [] },
        { upstream: 'anthropic.claude-sonnet-4-6', reasoning: true },
        {},
      );
      const sent = JSON.stringify(body);
      for (const { origin, value } of signaturesOf(partsOf(answer))) {
        if (origin === originOf[recording.wire])
          expect({ sent: sent.includes(JSON.stringify(value)), value }).toEqual({ sent: true, value });
      }
    });
  }
}

const originOf: Record<string, Signature['origin']> = {
  'openai-responses': 'openai',
  'anthropic-messages': 'anthropic',
  'bedrock-converse': 'anthropic',
  gemini: 'gemini',
};

const partsOf = ({ choices }: ChatAnswer): AnswerPart[] => choices[0]?.parts ?? [];

function callsIn(parts: readonly AnswerPart[]) {
  return parts.flatMap((part) =>
    part.type === 'tool-call'
      ? [{ id: part.id, name: part.name, arguments: JSON.parse(part.arguments || '{}') as unknown }]
      : [],
  );
}

const redactedIn = (parts: readonly AnswerPart[]): string[] =>
  parts.flatMap((part) => (part.type === 'reasoning' && part.redacted !== undefined ? [part.redacted] : []));

const signaturesOf = (parts: readonly AnswerPart[]): Signature[] =>
  parts.flatMap((part) => ('signature' in part && part.signature ? [part.signature] : []));

/** As sorted text: a dialect may move a signature before what it signs. */
const signaturesIn = (parts: readonly AnswerPart[]): string[] =>
  signaturesOf(parts)
    .map(({ origin, on, value }) => `${origin} ${on} ${value}`)
    .sort();

/** The caller's next request: a question, the answer as it was given, and the results of its calls. */
function secondTurn(dialect: Dialect, body: JsonObject): JsonObject {
  const question = 'What is a tide pool?';
  switch (dialect) {
    case 'openai-chat': {
      const message = asObject(asObject(asArray(body.choices)[0])?.message);
      return {
        model: 'm',
        messages: [{ role: 'user', content: question }, message, { role: 'user', content: 'Go on.' }],
      };
    }
    case 'openai-responses':
      return {
        model: 'm',
        input: [{ role: 'user', content: question }, ...asArray(body.output), { role: 'user', content: 'Go on.' }],
      };
    case 'anthropic-messages': {
      const messages = [
        { role: 'user', content: question },
        { role: 'assistant', content: body.content },
        { role: 'user', content: 'Go on.' },
      ];
      return { model: 'm', max_tokens: 100, messages };
    }
    case 'gemini': {
      const content = asObject(asObject(asArray(body.candidates)[0])?.content);
      return {
        contents: [
          { role: 'user', parts: [{ text: question }] },
          content,
          { role: 'user', parts: [{ text: 'Go on.' }] },
        ],
      };
    }
  }
}
