/**
 * Watches the bytes from a broker for a packet that is too long, because the library collects a packet of up to 256 MB in
 * memory before anybody can look at it. MQTT 5.0, sections 2.1.1 to 2.1.4: a byte of type and flags, then the remaining
 * length in 1 to 4 bytes of 7 bits, the lowest first.
 */

/** Follows the frames of one connection. */
export class PacketGuard {
  readonly #bytesMax: number;
  /** Bytes of the present packet's body that are still to come. */
  #toCome = 0;
  /** Bytes of the header read so far; the type is the first. */
  #headerBytes = 0;
  #length = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Whether every packet that began in the bytes so far is short enough. After a `false` the connection must end. */
  accepts(bytes: Uint8Array): boolean {
    for (let index = 0; index < bytes.length;) {
      if (this.#toCome > 0) {
        const skipped = Math.min(this.#toCome, bytes.length - index);
        this.#toCome -= skipped;
        index += skipped;
      } else if (!this.#readHeader(bytes[index++] ?? 0)) return false;
    }
    return true;
  }

  #readHeader(byte: number): boolean {
    const digit = this.#headerBytes - 1;
    this.#headerBytes += 1;
    if (digit < 0) return true;
    this.#length += (byte & 0x7f) * 128 ** digit;
    const hasMore = (byte & 0x80) !== 0;
    if (this.#length > this.#bytesMax || (hasMore && digit >= 3)) return false;
    if (hasMore) return true;
    this.#toCome = this.#length;
    this.#length = 0;
    this.#headerBytes = 0;
    return true;
  }
}
