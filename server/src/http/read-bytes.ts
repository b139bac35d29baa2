import { SluiceError } from '../core/sluice-error.ts';

/** A body in memory. Throws `body_too_large` as soon as it is longer, the rest unread. */
export async function readBytes(request: Request, mostBytes: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > mostBytes) throw tooLarge(mostBytes);
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    length += part.value.length;
    if (length > mostBytes) {
      reader?.cancel().catch(() => {});
      throw tooLarge(mostBytes);
    }
    parts.push(part.value);
  }
  return Buffer.concat(parts);
}

export const tooLarge = (mostBytes: number) =>
  new SluiceError('body_too_large', `The body is longer than the ${mostBytes} bytes that this gateway takes.`);
