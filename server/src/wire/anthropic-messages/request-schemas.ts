import { z } from 'zod';
import { must } from './check.ts';

const text = (be = 'a string') => z.string({ error: must(be) });
const object = (be = 'an object') => z.record(z.string(), z.unknown(), { error: must(be) });
const list = (be = 'a list') => z.array(z.unknown(), { error: must(be) });
const flag = z.boolean({ error: must('true or false') });
const whole = (least: number) =>
  z
    .int({ error: must(`a whole number of at least ${least}`) })
    .min(least, { error: must(`a whole number of at least ${least}`) });
const share = z
  .number({ error: must('a number from 0 to 1') })
  .min(0, { error: must('a number from 0 to 1') })
  .max(1, { error: must('a number from 0 to 1') });

const jsonFormat = z.looseObject(
  {
    type: z.literal('json_schema', { error: must('`json_schema`') }),
    schema: object('a JSON Schema object'),
  },
  { error: must('an object with `type` and `schema`') },
);

const bodyFields = {
  model: text('the name of a model').min(1, { error: must('the name of a model') }),
  messages: list('a list of messages').min(1, { error: must('a list of at least one message') }),
  system: z.union([z.string(), z.array(z.unknown())], { error: must('a string or a list of text blocks') }).nullish(),
  max_tokens: whole(0),
  temperature: share.nullish(),
  top_p: share.nullish(),
  top_k: whole(0).nullish(),
  stop_sequences: z.array(text(), { error: must('a list of strings') }).nullish(),
  stream: flag.nullish(),
  tools: list('a list of tools').nullish(),
  tool_choice: z
    .looseObject(
      {
        type: text('`auto`, `any`, `tool` or `none`'),
        name: text().nullish(),
        disable_parallel_tool_use: flag.nullish(),
      },
      { error: must('an object with a `type`') },
    )
    .nullish(),
  thinking: z.looseObject({ type: text() }, { error: must('an object with a `type`') }).nullish(),
  output_config: z
    .looseObject(
      {
        effort: z
          .enum(['low', 'medium', 'high', 'xhigh', 'max'], {
            error: must('`low`, `medium`, `high`, `xhigh` or `max`'),
          })
          .nullish(),
        format: jsonFormat.nullish(),
      },
      { error: must('an object') },
    )
    .nullish(),
  output_format: jsonFormat.nullish(),
  metadata: z.looseObject({ user_id: text().nullish() }, { error: must('an object') }).nullish(),
  service_tier: text().nullish(),
};

/** The top level of a Messages body; `messages`, `system` and `tools` are read block by block elsewhere. */
export const requestSchema = z.looseObject(bodyFields, { error: must('a JSON object') });
/** The same for POST /v1/messages/count_tokens, where `max_tokens` has no place. */
export const countRequestSchema = z.looseObject(
  { ...bodyFields, max_tokens: bodyFields.max_tokens.nullish() },
  { error: must('a JSON object') },
);
export const knownFields: ReadonlySet<string> = new Set(Object.keys(bodyFields));

export const thinkingSchema = z.looseObject({
  budget_tokens: whole(1024),
  display: z.enum(['summarized', 'omitted'], { error: must('`summarized` or `omitted`') }).nullish(),
});
export const adaptiveSchema = thinkingSchema.pick({ display: true });

export const cacheSchema = z.looseObject(
  {
    type: z.literal('ephemeral', { error: must('`ephemeral`') }),
    ttl: z.enum(['5m', '1h'], { error: must('`5m` or `1h`') }).nullish(),
  },
  { error: must('an object with `type`') },
);

export const messageSchema = z.object(
  {
    role: z.enum(['user', 'assistant', 'system'], { error: must('`user`, `assistant` or `system`') }),
    content: z.union([z.string(), z.array(z.unknown())], { error: must('a string or a list of content blocks') }),
  },
  { error: must('an object with `role` and `content`') },
);

export const blockSchema = z.looseObject({ type: text('the kind of the block') }, { error: must('a content block') });
export const sourceSchema = z.looseObject({ type: text('the kind of the source') }, { error: must('a source object') });
export const base64Source = z.looseObject({ media_type: text('a media type'), data: text('base64 text') });
export const urlSource = z.looseObject({ url: text('an address') });
export const fileSource = z.looseObject({ file_id: text('the id of a file') });
export const textSource = z.looseObject({ data: text('the text of the document') });
export const contentSource = z.looseObject({
  content: z.union([z.string(), z.array(z.unknown())], { error: must('a string or a list of content blocks') }),
});
export const documentSchema = z.looseObject({
  title: text().nullish(),
  context: text().nullish(),
  citations: z.looseObject({ enabled: flag.nullish() }, { error: must('an object') }).nullish(),
});
export const toolUseSchema = z.looseObject({
  id: text('the id of the call'),
  name: text('the name of the tool'),
  input: object('a JSON object'),
});
export const toolResultSchema = z.looseObject({
  tool_use_id: text('the id of the call it answers'),
  content: z
    .union([z.string(), z.array(z.unknown())], { error: must('a string or a list of content blocks') })
    .nullish(),
  is_error: flag.nullish(),
});
export const thinkingBlockSchema = z.looseObject({
  thinking: text('the text of the thinking'),
  signature: text('the signature of the thinking').nullish(),
});
export const redactedSchema = z.looseObject({ data: text('the data of the redacted thinking') });

export const toolSchema = z.looseObject(
  { type: text().nullish(), name: text('the name of the tool').nullish() },
  { error: must('an object') },
);
export const customToolSchema = z.looseObject({
  name: text('the name of the tool').min(1, { error: must('the name of the tool') }),
  description: text().nullish(),
  input_schema: object('a JSON Schema object'),
  strict: flag.nullish(),
});
