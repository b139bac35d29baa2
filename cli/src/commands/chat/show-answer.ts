import { ApiError } from '../../api/api-error.ts';
import type { Client } from '../../api/client.ts';
import { listModels } from '../../api/models.ts';
import { printable, wrap } from '../../format/text.ts';
import type { Output } from '../../output.ts';
import { didYouMeanModel } from '../../suggest.ts';
import { type Answer, type Message, streamAnswer } from './answer.ts';
import { describeReceipt, findCall, receiptJson } from './receipt.ts';

export interface ShowDeps {
  client: Client;
  output: Output;
}

/**
 * Asks, shows the answer as it comes and what it cost under it. With `--json` the whole is printed at its end. Throws a CliError
 * when no answer begins; the fault of one that broke off is in what is returned.
 */
export async function showAnswer(
  { client, output }: ShowDeps,
  request: { model: string; messages: readonly Message[] },
  signal: AbortSignal,
): Promise<Answer> {
  const pen = createPen(output);
  let answer: Answer;
  try {
    answer = await streamAnswer(client, request, signal, pen);
  } catch (error) {
    throw await withModelHint(error, request.model, client);
  }
  pen.end(answer.interrupted);
  const call = await findCall(client, answer);
  if (output.json && !answer.fault) output.print(receiptJson(answer, call), () => '');
  if (answer.interrupted) output.note(output.asideColours.yellow('stopped'));
  if (answer.finish === 'length') output.note(output.asideColours.yellow('The answer ended at its length limit.'));
  if (answer.finish === 'content_filter') output.note(output.asideColours.yellow('The provider withheld the rest.'));
  const receipt = describeReceipt(answer, call);
  if (receipt !== '') output.note(output.asideColours.dim(wrap(receipt, output.width)));
  return answer;
}

/** Writes an answer as it comes: thinking in a pale colour and on terminals alone, the answer itself under it. */
function createPen({ json, isTerminal, colours, write }: Output) {
  let last: 'nothing' | 'thinking' | 'text' = 'nothing';
  let endsLine = true;
  const put = (text: string, style: (text: string) => string) => {
    // A model must not be able to steer the terminal; a file gets what it said.
    const safe = isTerminal ? printable(text) : text;
    if (safe === '') return;
    endsLine = safe.endsWith('\n');
    write(style(safe));
  };
  return {
    onThinking(text: string) {
      if (json || !isTerminal) return;
      put(text, colours.dim);
      last = 'thinking';
    },
    onText(text: string) {
      if (json) return;
      if (last === 'thinking') write(endsLine ? '\n' : '\n\n');
      last = 'text';
      put(text, String);
    },
    end(interrupted: boolean) {
      // The terminal shows the ^C that stopped the answer.
      if (!endsLine || (interrupted && isTerminal)) write('\n');
    },
  };
}

/** A model that is not listed, and did not answer: what it could have been. */
async function withModelHint(error: unknown, model: string, client: Client): Promise<unknown> {
  if (!(error instanceof ApiError) || error.status === 401 || error.status === 403) return error;
  const ids = (await listModels(client).catch(() => [])).map(({ id }) => id);
  if (ids.includes(model)) return error;
  const isUnknown = error.code === 'model_not_found' || error.param === 'model';
  const hint = didYouMeanModel(model, ids) ?? (isUnknown ? '`sluice models` lists what there is.' : error.hint);
  return new ApiError(error.message, hint, error.status, error.code, error.param);
}
