import { sseEvent } from '../sse.ts';

/** One content block of the stream being written. Its deltas wait, as JSON, until the block is the one on the wire. */
export interface OutBlock {
  kind: 'text' | 'thinking' | 'tool' | 'whole';
  start: string;
  waiting: string[];
  sawDelta: boolean;
  cited: boolean;
  ended: boolean;
}

/**
 * Anthropic's blocks come strictly one after the other, while other providers interleave the arguments of parallel calls.
 * The oldest unfinished block is on the wire; what belongs to later ones waits until its turn. Methods return framed events.
 */
export class BlockQueue {
  #live: OutBlock | undefined;
  #queue: OutBlock[] = [];
  #next = 0;
  #deltaHead = '';

  /** The newest block that can still grow. */
  get tail(): OutBlock | undefined {
    const tail = this.#queue.at(-1) ?? this.#live;
    return tail?.ended ? undefined : tail;
  }

  /** Begins a block with its `content_block`; an unfinished text or thinking block ends here. */
  open(kind: OutBlock['kind'], contentBlock: unknown): [OutBlock, string] {
    const { tail } = this;
    const ended = tail && tail.kind !== 'tool' ? this.end(tail) : '';
    const start = JSON.stringify(contentBlock);
    const block: OutBlock = { kind, start, waiting: [], sawDelta: false, cited: false, ended: false };
    if (this.#live) {
      this.#queue.push(block);
      return [block, ended];
    }
    return [block, ended + this.#goLive(block)];
  }

  delta(block: OutBlock, json: string): string {
    block.sawDelta = true;
    if (block === this.#live) return `${this.#deltaHead}${json}}\n\n`;
    block.waiting.push(json);
    return '';
  }

  /** Ends a block; those that waited behind it follow, up to the first one that is not finished. */
  end(block: OutBlock): string {
    if (block.ended) return '';
    block.ended = true;
    if (block !== this.#live) return '';
    let out = this.#stop();
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      out += this.#goLive(next);
      if (!next.ended) return out;
      out += this.#stop();
    }
    return out;
  }

  #goLive(block: OutBlock): string {
    const index = this.#next++;
    this.#live = block;
    this.#deltaHead = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":`;
    let out = sseEvent(
      `{"type":"content_block_start","index":${index},"content_block":${block.start}}`,
      'content_block_start',
    );
    for (const json of block.waiting) out += `${this.#deltaHead}${json}}\n\n`;
    block.waiting.length = 0;
    return out;
  }

  #stop(): string {
    this.#live = undefined;
    return sseEvent(`{"type":"content_block_stop","index":${this.#next - 1}}`, 'content_block_stop');
  }
}
