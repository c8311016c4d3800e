/**
 * Hands messages to a handler one after the other. What a slow handler cannot take is dropped, the oldest first: of a
 * meter the newest word is worth most. A handler that throws loses its message and nothing else.
 */

/** Takes one message; the next one comes when it has settled. */
export type Handler<Message> = (message: Message) => void | Promise<void>;

/** A bounded queue in front of a handler. */
export class InboundQueue<Message> {
  readonly #lengthMax: number;
  readonly #handler: Handler<Message>;
  readonly #onFailure: (error: unknown) => void;
  #waiting: Message[] = [];
  #isDraining = false;

  constructor(lengthMax: number, handler: Handler<Message>, onFailure: (error: unknown) => void) {
    this.#lengthMax = lengthMax;
    this.#handler = handler;
    this.#onFailure = onFailure;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Takes `message` in; says whether the oldest one was dropped for it. */
  push(message: Message): boolean {
    const isFull = this.#waiting.length >= this.#lengthMax;
    if (isFull) this.#waiting.shift();
    this.#waiting.push(message);
    if (!this.#isDraining) void this.#drain();
    return isFull;
  }

  /** Drops what waits. */
  clear(): void {
    this.#waiting = [];
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    for (let message = this.#waiting.shift(); message !== undefined; message = this.#waiting.shift()) {
      try {
        await this.#handler(message);
      } catch (error) {
        this.#onFailure(error);
      }
    }
    this.#isDraining = false;
  }
}
