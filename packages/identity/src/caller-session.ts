/**
 * The caller's side of a session, in a browser or anywhere: what it says, what the market took of it in which slot, and the
 * root that it signs for each of them.
 *
 * Invariant: a root is over what this side has said and the node has said to have taken, in this order. A node that claims
 * another message, an earlier slot or a message twice is refused, and gets no signature for it.
 *
 * In this order, with the node's part in brackets: `sealGreeting` [`sealAnswer`], `openAsCaller` [`openAsNode`]; then for
 * each message `seal` [the market obeys or refuses it, and says so], `noteTaken` or `noteRefused`; after each slot `rootOf`,
 * `sealSlotRoot` [the market compares], `noteSigned`.
 */
import {
  canonicalText,
  fail,
  ok,
  sha256InJavaScript,
  type CanonicalValue,
  type HashHex,
  type InstantMs,
  type Result,
  type Sha256,
} from "@micromarket/kernel";
import { MerkleFrontier } from "./merkle-frontier.ts";
import { messageHash, type Session, type SessionMessage, type SessionRefusal } from "./session.ts";
import type { SlotRoot } from "./session-envelopes.ts";

/** Why what the node says of a message is not believed, in the order in which it is checked. */
export type TakenRefusal =
  /** It was not said, or the node has answered it before. */
  | { readonly code: "MESSAGE_NOT_WAITING"; readonly sequence: number }
  /** A later one was taken before. */
  | { readonly code: "MESSAGE_OUT_OF_ORDER"; readonly sequence: number; readonly last: number }
  /** One was taken in a later slot, or this one is signed. */
  | { readonly code: "SLOT_OVER"; readonly slot: InstantMs };

/** A session as its caller keeps it. */
export class CallerSession {
  /** From this instant on the market takes no message of it. */
  readonly expires: InstantMs;
  readonly #session: Session;
  readonly #sha256: Sha256;
  /** Of the messages that the node has not answered, what they are under a root. */
  readonly #waiting = new Map<number, Uint8Array>();
  readonly #unsigned = new Map<InstantMs, MerkleFrontier>();
  #lastTaken = 0;
  #lastSlot: InstantMs | null = null;
  #signedThrough: InstantMs | null = null;

  constructor(session: Session, expires: InstantMs, sha256: Sha256 = sha256InJavaScript) {
    this.#session = session;
    this.expires = expires;
    this.#sha256 = sha256;
  }

  /** The same on both sides. */
  get id(): HashHex {
    return this.#session.id;
  }

  /** The numbers of the messages that the node has not answered yet, in order. */
  get waiting(): readonly number[] {
    return [...this.#waiting.keys()];
  }

  /** The slots in which messages were taken and whose root is not signed, in order. */
  get unsignedSlots(): readonly InstantMs[] {
    return [...this.#unsigned.keys()];
  }

  /** The next message. */
  seal(body: CanonicalValue): SessionMessage {
    return this.sealText(canonicalText(body));
  }

  /** The next message, whose body is canonical text already: that of a command. */
  sealText(body: string): SessionMessage {
    const message = this.#session.sealText(body);
    this.#waiting.set(message.sequence, messageHash(message, this.#sha256));
    return message;
  }

  /** Believes a message of the node, each once and in order, and gives its body. */
  accept(message: SessionMessage): Result<string, SessionRefusal> {
    return this.#session.accept(message);
  }

  /** The market obeyed the message in `slot`: it will stand under the slot's root. */
  noteTaken(sequence: number, slot: InstantMs): Result<null, TakenRefusal> {
    const hash = this.#waiting.get(sequence);
    if (hash === undefined) return fail({ code: "MESSAGE_NOT_WAITING", sequence });
    if (sequence < this.#lastTaken) return fail({ code: "MESSAGE_OUT_OF_ORDER", sequence, last: this.#lastTaken });
    const isOver = slot < (this.#lastSlot ?? -Infinity) || slot <= (this.#signedThrough ?? -Infinity);
    if (isOver) return fail({ code: "SLOT_OVER", slot });
    this.#waiting.delete(sequence);
    this.#lastTaken = sequence;
    this.#lastSlot = slot;
    const frontier = this.#unsigned.get(slot) ?? new MerkleFrontier();
    frontier.add(hash, this.#sha256);
    this.#unsigned.set(slot, frontier);
    return ok(null);
  }

  /** The market refused the message: it stands under no root. */
  noteRefused(sequence: number): Result<null, TakenRefusal> {
    return this.#waiting.delete(sequence) ? ok(null) : fail({ code: "MESSAGE_NOT_WAITING", sequence });
  }

  /** What is to be signed of `slot`, once it is over and none of its messages waits for an answer (`sealSlotRoot`). */
  rootOf(slot: InstantMs): SlotRoot {
    const frontier = this.#unsigned.get(slot) ?? new MerkleFrontier();
    return { session: this.id, slot, count: frontier.count, root: frontier.root(this.#sha256) };
  }

  /** The market has taken the root of `slot`: no message is noted in it, or in an earlier one, any more. */
  noteSigned(slot: InstantMs): void {
    this.#unsigned.delete(slot);
    if (slot > (this.#signedThrough ?? -Infinity)) this.#signedThrough = slot;
  }
}
