import type { ReadFrame } from '../../core/answer-text.ts';
import type { ChatCall, ModelCall } from '../../core/call.ts';
import type { Message } from '../../core/chat-request.ts';
import { discardAnswer } from '../../core/discarded.ts';
import type { Frame, Frames } from '../../core/frame.ts';
import type { GuardRule } from '../../guard/compile.ts';
import { createNotes } from '../../guard/notes.ts';
import { type SchemaCheck, schemaCheckOf } from '../../guard/schema-check.ts';
import type { Next } from '../pipeline.ts';
import { judgeAtEnd, type Words, wordsOf } from './answer-so-far.ts';
import { blocked, tell } from './verdict.ts';

export interface CheckSchemaDeps {
  rule: GuardRule;
  next: Next;
  readerOf(call: ModelCall): ReadFrame;
}

/**
 * Checks an answer against the rule's schema, or the one that the request asks for, and has the model correct itself once. A
 * stream flows on and is checked at its end; with `holdStreams` it waits, and can then be corrected too.
 */
export const checkAnswerSchema = ({ rule, next, readerOf }: CheckSchemaDeps): Next =>
  function checkSchema(call, context) {
    const { check } = rule;
    if (check.kind !== 'schema' || call.operation !== 'chat') return next(call, context);
    const { responseFormat } = call.request;
    const schema = check.schema ?? (responseFormat?.type === 'json-schema' ? responseFormat.schema : undefined);
    if (!schema) return next(call, context);
    let fits: SchemaCheck;
    try {
      fits = schemaCheckOf(schema);
    } catch {
      // The caller's own schema, which the provider may understand: it is noted that nobody looked.
      const notes = createNotes('output');
      notes.add({ name: rule.name, action: 'flag' }, 'schema cannot be checked');
      tell(context, notes.all());
      return next(call, context);
    }
    return call.stream && !check.holdStreams ? flow(call, fits) : hold(call, fits, check.repair);

    function flow(asked: ChatCall, check: SchemaCheck): Frames {
      const words = { text: '', calls: false };
      return judgeAtEnd(
        next(asked, context),
        readerOf(asked),
        (more) => add(words, more),
        () => {
          const fault = faultOf(words, check);
          if (fault !== undefined) conclude(fault);
        },
      );
    }

    async function* hold(asked: ChatCall, check: SchemaCheck, repair: boolean): Frames {
      const first = await gather(asked);
      const fault = faultOf(first.words, check);
      if (fault === undefined || !repair) {
        if (fault !== undefined) conclude(fault);
        yield* first.frames;
        return;
      }
      // Both calls are made, so both are charged.
      discardAnswer(context.facts);
      const second = await gather(corrected(asked, first.words.text, fault));
      const notes = createNotes('output');
      notes.add({ name: rule.name, action: 'flag' }, 'repaired');
      tell(context, notes.all());
      const still = faultOf(second.words, check);
      if (still !== undefined) conclude(still);
      yield* second.frames;
    }

    async function gather(asked: ChatCall) {
      const read = readerOf(asked);
      const frames: Frame[] = [];
      const words = { text: '', calls: false };
      for await (const frame of next(asked, context)) {
        add(words, wordsOf(frame, read));
        frames.push(frame);
      }
      return { frames, words };
    }

    function conclude(fault: string): void {
      const notes = createNotes('output');
      notes.add(rule, 'schema');
      tell(context, notes.all());
      if (rule.action === 'block')
        throw blocked(rule.name, "the model's answer", `it does not fit the JSON schema (${fault.split('\n', 1)[0]})`);
    }
  };

type Heard = Pick<Words, 'text' | 'calls'>;

function add(words: Heard, more: Heard): void {
  words.text += more.text;
  words.calls ||= more.calls;
}

/** An answer that only calls tools is not the one that has to fit. */
const faultOf = ({ text, calls }: Heard, fits: SchemaCheck): string | undefined =>
  calls && text.trim() === '' ? undefined : fits(text);

const longestFault = 2000;

function corrected(call: ChatCall, text: string, fault: string): ChatCall {
  const told: Message[] = [
    { role: 'assistant', parts: [{ type: 'text', text }] },
    {
      role: 'user',
      parts: [
        {
          type: 'text',
          text: `Your answer does not fit the JSON schema that it has to follow:\n${fault.slice(0, longestFault)}\nAnswer again with the corrected JSON and nothing else.`,
        },
      ],
    },
  ];
  return {
    ...call,
    raw: undefined,
    request: { ...call.request, messages: [...call.request.messages, ...(text === '' ? told.slice(1) : told)] },
  };
}
