import { type Field, type MessageName, messages } from './otlp.ts';

const varint = 0;
const eightBytes = 1;
const lengthFirst = 2;
const fourBytes = 5;
const utf8 = new TextEncoder();
/** Shorter texts are mostly ASCII, and their length is one byte. */
const shortText = 128;
/** The value of a hexadecimal digit in small letters. */
const digit = (code: number): number => (code < 58 ? code - 48 : code - 87);

interface Encoding {
  number: number;
  name: string;
  holds: string;
  list: boolean;
}

const encodings = Object.fromEntries(
  Object.entries(messages).map(([message, fields]) => [
    message,
    Object.entries(fields).map(([name, [number, holds]]: [string, Field]): Encoding => {
      const list = holds.endsWith('[]');
      return { number, name, holds: list ? holds.slice(0, -2) : holds, list };
    }),
  ]),
) as Record<MessageName, Encoding[]>;

/** Writes one of OTLP's messages, given in its JSON form, as protobuf (https://protobuf.dev/programming-guides/encoding/). */
export function encodeProtobuf(message: MessageName, value: object): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writer.message(message, value as Record<string, unknown>);
  return writer.bytes();
}

class Writer {
  #buffer = new Uint8Array(16_384);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;

  bytes = (): Uint8Array<ArrayBuffer> => this.#buffer.slice(0, this.#length);

  message(message: MessageName, value: Record<string, unknown>): void {
    for (const { name, number, holds, list } of encodings[message]) {
      const held = value[name];
      if (held === undefined) continue;
      if (list) for (const each of held as unknown[]) this.#field(number, holds, each);
      else this.#field(number, holds, held);
    }
  }

  #field(number: number, holds: string, value: unknown): void {
    switch (holds) {
      case 'string':
        this.#tag(number, lengthFirst);
        this.#text(value as string);
        return;
      case 'id':
        this.#tag(number, lengthFirst);
        this.#hex(value as string);
        return;
      case 'bool':
        this.#tag(number, varint);
        this.#varint(value ? 1 : 0);
        return;
      case 'varint':
        this.#tag(number, varint);
        this.#varint(value as number);
        return;
      case 'int64':
        this.#tag(number, varint);
        this.#bigVarint(BigInt.asUintN(64, BigInt(value as string)));
        return;
      case 'fixed32':
        this.#tag(number, fourBytes);
        this.#room(4);
        this.#view.setUint32(this.#length, value as number, true);
        this.#length += 4;
        return;
      case 'fixed64':
        this.#tag(number, eightBytes);
        this.#fixed64(value as string);
        return;
      case 'double':
        this.#tag(number, eightBytes);
        this.#double(value as number);
        return;
      case 'fixed64s':
        this.#tag(number, lengthFirst);
        this.#varint((value as string[]).length * 8);
        for (const each of value as string[]) this.#fixed64(each);
        return;
      case 'doubles':
        this.#tag(number, lengthFirst);
        this.#varint((value as number[]).length * 8);
        for (const each of value as number[]) this.#double(each);
        return;
      default:
        this.#tag(number, lengthFirst);
        this.#room(1);
        this.#length += 1;
        {
          const start = this.#length;
          this.message(holds as MessageName, value as Record<string, unknown>);
          this.#endMeasured(start);
        }
    }
  }

  /** The length goes before what is written; its own length is known only afterwards. */
  #endMeasured(start: number): void {
    const length = this.#length - start;
    let more = 0;
    for (let rest = length; rest > 127; rest = Math.floor(rest / 128)) more += 1;
    if (more > 0) {
      this.#room(more);
      this.#buffer.copyWithin(start + more, start, this.#length);
    }
    const end = this.#length + more;
    this.#length = start - 1;
    this.#varint(length);
    this.#length = end;
  }

  #tag = (number: number, type: number): void => this.#varint(number * 8 + type);

  #varint(value: number): void {
    this.#room(8);
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#buffer[this.#length++] = (rest % 128) | 128;
    this.#buffer[this.#length++] = rest;
  }

  #bigVarint(value: bigint): void {
    if (value <= Number.MAX_SAFE_INTEGER) {
      this.#varint(Number(value));
      return;
    }
    this.#room(10);
    let rest = value;
    for (; rest > 127n; rest >>= 7n) this.#buffer[this.#length++] = Number(rest & 127n) | 128;
    this.#buffer[this.#length++] = Number(rest);
  }

  #fixed64(value: string): void {
    this.#room(8);
    this.#view.setBigUint64(this.#length, BigInt(value), true);
    this.#length += 8;
  }

  #double(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  #text(text: string): void {
    // A UTF-16 unit is at most three bytes of UTF-8, and a length has at most five.
    this.#room(text.length * 3 + 5);
    const start = this.#length + 1;
    if (text.length < shortText) {
      let at = start;
      let unit = 0;
      for (let index = 0; index < text.length && unit < 128; index++) {
        unit = text.charCodeAt(index);
        this.#buffer[at++] = unit;
      }
      if (unit < 128) {
        this.#buffer[start - 1] = text.length;
        this.#length = at;
        return;
      }
    }
    this.#length = start;
    this.#length += utf8.encodeInto(text, this.#buffer.subarray(start)).written;
    this.#endMeasured(start);
  }

  #hex(text: string): void {
    this.#varint(text.length / 2);
    this.#room(text.length / 2);
    for (let at = 0; at < text.length; at += 2)
      this.#buffer[this.#length++] = (digit(text.charCodeAt(at)) << 4) | digit(text.charCodeAt(at + 1));
  }

  #room(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}
