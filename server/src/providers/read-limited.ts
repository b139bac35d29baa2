import { SluiceError } from '../core/sluice-error.ts';

/** A small answer's body as text. Throws `upstream_invalid_answer`, and stops reading, beyond `maxBytes`. */
export async function readLimited(response: Response, maxBytes: number): Promise<string> {
  if (!response.body) return '';
  const reader = response.body.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > maxBytes) {
      reader.cancel().catch(() => {});
      throw new SluiceError('upstream_invalid_answer', `The provider's answer is longer than ${maxBytes} bytes.`);
    }
    parts.push(part.value);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}
