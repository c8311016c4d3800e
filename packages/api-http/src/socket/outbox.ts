/**
 * What a session has to send. A reader that does not read is closed instead of filling the memory, and others do not
 * notice.
 *
 * Invariant: no more than `unreadBytesMax` waits beyond the snapshots that the session asked for.
 */
import { CLOSE_CODES, type CloseCode } from "@micromarket/protocol";
import type { WebSocket } from "@fastify/websocket";

/** One socket's way out. */
export class Outbox {
  readonly #socket: WebSocket;
  readonly #unreadBytesMax: number;
  readonly #onSlow: () => void;
  /** Bytes of snapshots that may still wait: a large one takes its time. */
  #allowance = 0;

  constructor(socket: WebSocket, unreadBytesMax: number, onSlow: () => void) {
    this.#socket = socket;
    this.#unreadBytesMax = unreadBytesMax;
    this.#onSlow = onSlow;
  }

  /** Whether so much waits that what can wait should. */
  get isCongested(): boolean {
    return this.#socket.bufferedAmount > this.#unreadBytesMax / 2;
  }

  /** Sends a frame. */
  send(text: string): void {
    this.#check();
    if (this.isOpen) this.#socket.send(text);
  }

  /** Sends a snapshot that was asked for. */
  sendSnapshot(text: string): void {
    this.#check();
    if (!this.isOpen) return;
    if (this.#socket.bufferedAmount === 0) this.#allowance = 0;
    this.#allowance += text.length;
    this.#socket.send(text);
  }

  /** Sends bytes. */
  sendBytes(bytes: Uint8Array): void {
    this.#check();
    if (this.isOpen) this.#socket.send(bytes);
  }

  /** Whether anything that is sent may arrive. */
  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Says why, and is gone a moment later, whether the other side answers or not. */
  close(code: CloseCode, reason: string): void {
    if (this.#socket.readyState >= this.#socket.CLOSING) return;
    this.#socket.close(code, reason.slice(0, 120));
    const cut = setTimeout(() => this.#socket.terminate(), CLOSE_MS_MAX);
    cut.unref();
    this.#socket.once("close", () => clearTimeout(cut));
  }

  #check(): void {
    const waiting = this.#socket.bufferedAmount;
    if (waiting === 0) this.#allowance = 0;
    if (!this.isOpen || waiting <= this.#unreadBytesMax + this.#allowance) return;
    this.#onSlow();
    this.close(CLOSE_CODES.POLICY, "too much waits to be read");
    // what waits is what it does not read: without this it would wait on
    this.#socket.terminate();
  }
}

/** How long the other side may take to say goodbye. */
const CLOSE_MS_MAX = 2_000;
