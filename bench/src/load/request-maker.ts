import { numberMark, pathOf, questionBody } from '../traffic.ts';
import type { Batch } from './batch.ts';
import { wrongKey } from './wrong-key.ts';

/** Numbers never repeat, in this run or another one. */
let asked = Date.now() % 1e9;

/** The requests of a batch as bytes: the same every time, or with a number or a wrong key of its own in each. */
export function createRequestMaker(batch: Batch): () => Buffer {
  const url = new URL(batch.target.base);
  const body = Buffer.from(questionBody(batch.question));
  const withHead = (headers: Record<string, string>) => Buffer.concat([head(batch, url, body.length, headers), body]);
  const { wrongKey: kind } = batch;
  if (kind) return () => withHead({ authorization: `Bearer ${wrongKey(kind, nextNumber())}` });
  const request = withHead(batch.target.headers);
  const at = batch.question.distinct ? request.indexOf(numberMark) : -1;
  if (at === -1) return () => request;
  return () => {
    const own = Buffer.from(request);
    own.write(String(nextNumber() % 1e10).padStart(numberMark.length, '0'), at, 'latin1');
    return own;
  };
}

function nextNumber(): number {
  asked += 1;
  return asked;
}

function head({ question }: Batch, url: URL, length: number, own: Record<string, string>): Buffer {
  const headers = { host: url.host, 'content-type': 'application/json', 'content-length': String(length), ...own };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const prefix = url.pathname.replace(/\/$/, '');
  return Buffer.from(`POST ${prefix}${pathOf(question.dialect)} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
}
