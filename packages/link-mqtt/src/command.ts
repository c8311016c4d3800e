/**
 * Commands: what tells somebody to do something, and must not be done late or twice.
 *
 * A command is a JSON object with `id`, `issued_at` and `valid_until` beside its own members. The broker's expiry does
 * not count what waits in a client or a socket, so the receiver enforces `valid_until` itself.
 */
import {
  canonicalText,
  fail,
  formatInstant,
  instantMs,
  ok,
  parseInstant,
  plus,
  minus,
  type CanonicalValue,
  type InstantMs,
  type Result,
} from "@micromarket/kernel";
import type { MqttMessage } from "./mqtt-message.ts";
import { isJsonObject, readJson, type JsonObject } from "./payload-json.ts";
import { CLOCK_SKEW } from "./read-message.ts";

/** What a command says, without the members that every command has. */
export type CommandBody = Readonly<Record<string, CanonicalValue>>;

/** The members that every command has. */
export interface CommandStamp {
  readonly id: string;
  readonly issuedAt: InstantMs;
  /** The first instant at which it must not be done any more. */
  readonly validUntil: InstantMs;
}

/** A command that may be done now, once. */
export interface ReceivedCommand extends CommandStamp {
  /** All members; numbers as they were written. */
  readonly body: JsonObject;
}

/** Why a command is not done, in the order of the checks. */
export type CommandRefusal =
  | "RETAINED"
  | "MALFORMED"
  | "ID_INVALID"
  | "TIMES_INVALID"
  | "FROM_THE_FUTURE"
  | "VALID_TOO_LONG"
  | "EXPIRED"
  | "REPEATED"
  | "TOO_MANY";

/** How a receiver is set up. */
export interface CommandReceiverOptions {
  readonly now: () => InstantMs;
  /** Commands that want to be valid longer are refused, milliseconds. @default 60 000 */
  readonly validForMsMax?: number;
  /** Commands that are remembered until they expire. @default 1 000 */
  readonly rememberedMax?: number;
}

/** Members that a body may not bring. */
export const RESERVED_KEYS: readonly string[] = ["id", "issued_at", "valid_until"];

const ID = /^[\w.:-]{1,64}$/;

/** The text of a command; throws where `body` brings a reserved member or has no canonical form. */
export function commandText(body: CommandBody, { id, issuedAt, validUntil }: CommandStamp): string {
  const stamp = { id, issued_at: formatInstant(issuedAt), valid_until: formatInstant(validUntil) };
  return canonicalText({ ...body, ...stamp });
}

/** Decides which commands may be done. Remembers each until it expires, so that none is done twice. */
export class CommandReceiver {
  readonly #now: () => InstantMs;
  readonly #validForMsMax: number;
  readonly #rememberedMax: number;
  readonly #remembered = new Map<string, InstantMs>();

  constructor({ now, validForMsMax = 60_000, rememberedMax = 1_000 }: CommandReceiverOptions) {
    this.#now = now;
    this.#validForMsMax = validForMsMax;
    this.#rememberedMax = rememberedMax;
  }

  /** Takes in a message from a command topic. */
  accept(message: MqttMessage): Result<ReceivedCommand, CommandRefusal> {
    if (message.retained) return fail("RETAINED");
    const json = readJson(message.payload);
    if (!json.ok || !isJsonObject(json.value)) return fail("MALFORMED");
    const { id, issued_at: issued, valid_until: until } = json.value;
    if (typeof id !== "string" || !ID.test(id)) return fail("ID_INVALID");
    const issuedAt = typeof issued === "string" ? parseInstant(issued) : null;
    const validUntil = typeof until === "string" ? parseInstant(until) : null;
    if (issuedAt?.ok !== true || validUntil?.ok !== true || validUntil.value < issuedAt.value) {
      return fail("TIMES_INVALID");
    }
    const now = this.#now();
    if (issuedAt.value > plus(now, instantMs(CLOCK_SKEW))) return fail("FROM_THE_FUTURE");
    if (minus(validUntil.value, issuedAt.value) > this.#validForMsMax) return fail("VALID_TOO_LONG");
    if (now >= validUntil.value) return fail("EXPIRED");
    this.#forget(now);
    if (this.#remembered.has(id)) return fail("REPEATED");
    if (this.#remembered.size >= this.#rememberedMax) return fail("TOO_MANY");
    this.#remembered.set(id, validUntil.value);
    return ok({ id, issuedAt: issuedAt.value, validUntil: validUntil.value, body: json.value });
  }

  #forget(now: InstantMs): void {
    for (const [id, validUntil] of this.#remembered) if (validUntil <= now) this.#remembered.delete(id);
  }
}
