const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/** Counts brackets through the items of a list, each byte once, to find the commas between them. */
export class ItemBoundary {
  #at = 0;
  #depth = 0;
  #inString = false;
  #last: number | undefined;

  /** Where the last item that is whole ends: its comma. Undefined = none is whole yet. `bytes` begins with an item. */
  last(bytes: Buffer): number | undefined {
    // After the end of the list nothing is an item; the end of the answer is parsed as a whole.
    for (; this.#at < bytes.length && this.#depth >= 0; this.#at++) {
      const byte = bytes[this.#at];
      if (this.#inString) {
        // A lone backslash at the end of what came: looked at again with its successor.
        if (byte === BACKSLASH && this.#at + 1 >= bytes.length) break;
        if (byte === BACKSLASH) this.#at++;
        else if (byte === QUOTE) this.#inString = false;
      } else if (byte === QUOTE) this.#inString = true;
      else if (byte === COMMA) {
        if (this.#depth === 0) this.#last = this.#at;
      } else if (byte === 0x7b || byte === 0x5b) this.#depth++;
      else if (byte === 0x7d || byte === 0x5d) this.#depth--;
    }
    return this.#last;
  }
  /** The first `count` bytes are gone. */
  drop(count: number): void {
    this.#at -= count;
    this.#last = undefined;
  }
}
