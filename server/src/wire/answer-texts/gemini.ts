import { asArray, asNumber, isObject, type JsonObject } from '../../core/json.ts';
import { createFound, type Found } from './slot.ts';

/** The texts of a GenerateContentResponse; of a stream each holds pieces, but for the arguments of calls, which are objects. */
export function geminiTexts(answer: JsonObject, streamed: boolean): Found {
  const found = createFound();
  asArray(answer.candidates).forEach((candidate, at) => {
    if (!isObject(candidate)) return;
    const choice = asNumber(candidate.index) ?? at;
    const content = isObject(candidate.content) ? candidate.content : {};
    const dropLogprobs = () => {
      delete candidate.logprobsResult;
    };
    for (const part of asArray(content.parts)) {
      if (!isObject(part)) continue;
      const kind = part.thought === true ? 'reasoning' : 'text';
      found.add(part, 'text', { kind, choice, part: '', whole: !streamed }, dropLogprobs);
      if (!isObject(part.functionCall)) continue;
      found.begun.push({ kind: 'arguments', choice });
      found.addDeep(part.functionCall.args, { kind: 'argument-text', choice, part: '' });
      for (const piece of asArray(part.functionCall.partialArgs)) {
        if (isObject(piece))
          found.add(piece, 'stringValue', {
            kind: 'argument-text',
            choice,
            part: String(piece.jsonPath),
            whole: false,
          });
      }
    }
    if (typeof candidate.finishReason === 'string') found.end(choice);
  });
  return found;
}
