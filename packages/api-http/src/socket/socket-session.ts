/**
 * One socket: who is there, what it listens to, what it asked.
 *
 * Invariants: nothing but `OPEN_REQUESTS` is answered before the sender is known; every request has exactly one answer;
 * what goes wrong in one session reaches no other one; after its end nothing of it is left.
 */
import type { WebSocket } from "@fastify/websocket";
import {
  CLOSE_CODES,
  errorBody,
  OPEN_REQUESTS,
  type CloseCode,
  type ErrorBody,
  type ServerMessage,
  type ServerType,
} from "@micromarket/protocol";
import type { AuthRefusal, Credential, Pass } from "../access/principal.ts";
import type { Answer, Identity, Speaker } from "./answer.ts";
import { answerBatch } from "./batch-requests.ts";
import { readFrame, type AnyClientMessage } from "./frame-check.ts";
import { helloOf, principalView } from "./hello.ts";
import { Outbox } from "./outbox.ts";
import type { SessionContext } from "./session-context.ts";
import { SessionOrders } from "./session-orders.ts";
import { answerRequest } from "./session-requests.ts";
import { Subscriptions } from "./subscriptions.ts";
import { codeOfAuth, errorOfFailure, refuseWith } from "./wire-failure.ts";

const MINUTE_MS = 60_000;
const OPEN: ReadonlySet<string> = new Set(OPEN_REQUESTS);

/** Where a socket comes from. */
export interface Origin {
  readonly from: string;
  /** The Origin header of the upgrade. */
  readonly origin: string | undefined;
}

/** One client's session. */
export class SocketSession implements Speaker {
  readonly id: string;
  readonly subscriptions: Subscriptions;
  readonly orders: SessionOrders;
  readonly out: Outbox;
  readonly #context: SessionContext;
  readonly #socket: WebSocket;
  readonly #origin: Origin;
  readonly #onEnd: (session: SocketSession) => void;
  #identity: Identity | null = null;
  #authDeadline: NodeJS.Timeout | null;
  #heardMs: number;
  /** When frames came that could not be read, within the last minute. */
  #invalid: number[] = [];
  /** Since when every request goes beyond the limits. */
  #insistsSinceMs: number | null = null;
  #cancelOnDisconnect: { readonly grace_ms: number } | null = null;

  constructor(
    id: string,
    socket: WebSocket,
    origin: Origin,
    context: SessionContext,
    onEnd: (session: SocketSession) => void,
  ) {
    this.id = id;
    this.#context = context;
    this.#socket = socket;
    this.#origin = origin;
    this.#onEnd = onEnd;
    this.#heardMs = context.wallNow();
    this.out = new Outbox(socket, context.limits.unreadBytesMax, () => context.count.slow());
    this.subscriptions = new Subscriptions(this.out, context);
    this.orders = new SessionOrders(context.desk.archive);
    this.#authDeadline = setTimeout(() => this.#refuseAuth("nobody said who is there"), context.limits.authWithinMs);
    this.#authDeadline.unref();
    socket.on("message", (data: Buffer, isBinary: boolean) => this.#hear(data, isBinary));
    socket.on("pong", () => void (this.#heardMs = context.wallNow()));
    socket.on("close", (code: number) => this.#end(code));
    socket.on("error", () => undefined); // a close follows
  }

  /** Who is there; `null`: not known yet. */
  get identity(): Identity | null {
    return this.#identity;
  }

  /** Sends something that a subscription asked for. */
  readonly push = ({ type, data }: Answer): void => this.say(type, data);

  /** Begins: with who was recognised by its certificate, or nobody yet. */
  begin(pass: Pass | null): void {
    if (pass !== null && !this.#admit(pass)) return;
    this.say("hello", helloOf(this.#context, this.id, pass));
  }

  /** Sends an answer, or something of the server's own accord. */
  say<Type extends ServerType>(type: Type, data: ServerMessage<Type>["data"], id?: string): void {
    const frame = { type, ...(id === undefined ? {} : { id }), ts: this.#context.wallNow(), data };
    this.out.send(JSON.stringify(frame));
  }

  /** Looks after the session: to be called every few seconds. */
  keep(): void {
    const { limits, wallNow, moment, registry } = this.#context;
    if (wallNow() - this.#heardMs > limits.silenceMsMax) {
      this.out.close(CLOSE_CODES.HEARTBEAT_TIMEOUT, "nothing was heard for too long");
      this.#socket.terminate();
      return;
    }
    if (this.#identity === null) return;
    const over = registry.check(this.#identity.pass);
    if (over !== null) return this.endPass(over);
    this.say("heartbeat", { last: this.subscriptions.seqs(), market_ms: moment().now });
  }

  /** A sign that the other side has to answer, whatever its program does. */
  ping(): void {
    if (this.out.isOpen) this.#socket.ping();
  }

  /** What the sender had does not count any more. */
  endPass(refusal: AuthRefusal): void {
    if (refusal.reason === "PRINCIPAL_REVOKED") {
      // who signs in again learns no more than any stranger; who is there is told that coming back is of no use
      this.say("error", errorBody("FORBIDDEN", "the operator has revoked this principal"));
      return this.out.close(CLOSE_CODES.FORBIDDEN, "the principal was revoked");
    }
    this.say("error", errorBody(codeOfAuth(refusal.code), refusal.detail));
    this.out.close(refusal.closeCode, refusal.detail);
  }

  /** Ends the session. */
  close(code: CloseCode, reason: string): void {
    this.out.close(code, reason);
  }

  #hear(data: Buffer, isBinary: boolean): void {
    const { count, wallNow } = this.#context;
    this.#heardMs = wallNow();
    if (isBinary) return void this.#hearBatch(data);
    const read = readFrame(data.toString("utf8"));
    if (!read.ok) return this.#refuseInvalid(read.error.error, read.error.id);
    count.received(read.value.type);
    void this.#answer(read.value);
  }

  async #hearBatch(data: Buffer): Promise<void> {
    this.#context.count.received("batch");
    try {
      if (this.#identity === null) return this.#refuseAuth("say who you are before you trade");
      const answer = await answerBatch(this.#context, this, this.#identity, data);
      if (answer.ok) this.out.sendBytes(answer.value);
      else this.#refuseInvalid(answer.error, undefined);
    } catch (failure) {
      this.#fail(failure, undefined);
    }
  }

  async #answer(message: AnyClientMessage): Promise<void> {
    try {
      if (this.#identity === null && !OPEN.has(message.type))
        return this.say("error", errorBody("AUTH_REQUIRED", "say who you are first: auth"), message.id);
      if (await this.#answerOwn(message)) return;
      // what came at once with what ended the session would be worked out for nobody
      if (this.#identity === null || !this.out.isOpen) return;
      const { type, data } = await answerRequest(this.#context, this, this.#identity, message);
      this.#insistsSinceMs = null;
      this.say(type, data, message.id);
    } catch (failure) {
      this.#fail(failure, message.id);
    }
  }

  /** Requests about the session itself: whether it was one. */
  async #answerOwn(message: AnyClientMessage): Promise<boolean> {
    const { registry, wallNow, moment } = this.#context;
    const { id } = message;
    switch (message.type) {
      case "auth":
        await this.#authenticate(message.data, id);
        return true;
      case "auth.challenge": {
        const { purpose, server, nonce, at, expires } = registry.challenge();
        this.say("auth.challenge", { purpose, server, nonce, at_ms: at, expires_ms: expires }, id);
        return true;
      }
      case "time": {
        const received = wallNow();
        const times = { t0_ms: message.data.t0_ms, t1_ms: received, t2_ms: wallNow() };
        this.say("time", { ...times, market_ms: moment().now }, id);
        return true;
      }
      case "test":
        this.say("test.answer", message.data, id);
        return true;
      case "test.answer":
        return true;
      case "session.configure":
        this.#configure(message.data, id);
        return true;
      case "session.state":
        this.say("session.state", this.#state(), id);
        return true;
      case "subscribe":
      case "unsubscribe":
      case "resync":
      case "resume":
        if (this.#identity !== null) this.subscriptions.answer(message, this.#identity.pass, this);
        return true;
      default:
        return false;
    }
  }

  async #authenticate(data: Extract<AnyClientMessage, { type: "auth" }>["data"], id: string): Promise<void> {
    const { registry } = this.#context;
    const { from, origin } = this.#origin;
    const credential: Credential =
      data.method === "bearer"
        ? { kind: "bearer", token: data.token }
        : data.method === "ticket"
          ? { kind: "ticket", ticket: data.ticket, origin }
          : { kind: "answer", answer: { key: data.key, nonce: data.nonce, signature: data.signature } };
    const known = this.#identity;
    const recognised =
      known === null
        ? await registry.authenticate(credential, from)
        : await registry.refresh(known.pass, credential, from);
    if (!this.out.isOpen) return;
    if (!recognised.ok) {
      const { code, detail, closeCode } = recognised.error;
      this.#context.count.refused(codeOfAuth(code));
      this.say("error", errorBody(codeOfAuth(code), detail), id);
      if (known === null) this.out.close(closeCode, detail);
      return;
    }
    if (known === null) {
      if (!this.#admit(recognised.value, id)) return;
    } else this.#identity = { ...known, pass: recognised.value };
    this.say("authenticated", { ...principalView(recognised.value), expires_ms: recognised.value.expires }, id);
  }

  /** Gives the principal a seat. */
  #admit(pass: Pass, id?: string): boolean {
    if (this.#identity !== null) return true;
    const { registry } = this.#context;
    const seat = registry.openSession(pass);
    if (!seat.ok) {
      this.say("error", errorBody(codeOfAuth(seat.error.code), seat.error.detail), id);
      this.out.close(seat.error.closeCode, seat.error.detail);
      return false;
    }
    this.#identity = { pass, seat: seat.value, meter: registry.connectionMeter(pass.principal) };
    if (this.#authDeadline !== null) clearTimeout(this.#authDeadline);
    this.#authDeadline = null;
    return true;
  }

  #configure({ cancel_on_disconnect: wanted, takes_over: before }: Configure, id: string): void {
    const { abandoned } = this.#context;
    const principal = this.#identity?.pass.principal.id ?? "";
    const orders = before === undefined ? null : abandoned.takeOver(before, principal);
    if (orders !== null) this.orders.add(orders);
    this.#cancelOnDisconnect = wanted;
    this.say("session.configured", { cancel_on_disconnect: wanted, took_over: orders !== null }, id);
  }

  #state(): ServerMessage<"session.state">["data"] {
    const identity = this.#identity ?? refuseWith("AUTH_REQUIRED", "say who you are first: auth");
    return {
      session: this.id,
      principal: identity.pass.principal.id,
      channels: this.subscriptions.names(),
      limits: (["orders", "queries", "cancels"] as const).map((name) => {
        const { remaining, resetMs } = identity.meter.take(name, 0);
        return { name, remaining: remaining ?? Number.MAX_SAFE_INTEGER, reset_ms: resetMs };
      }),
      cancel_on_disconnect: this.#cancelOnDisconnect,
    };
  }

  #refuseInvalid(error: ErrorBody, id: string | undefined): void {
    const { limits, wallNow, count } = this.#context;
    count.refused(error.code);
    this.say("error", error, id);
    const now = wallNow();
    this.#invalid = [...this.#invalid.filter((at) => now - at < MINUTE_MS), now];
    if (this.#invalid.length > limits.invalidPerMinuteMax)
      this.out.close(CLOSE_CODES.BAD_PROTOCOL, "too many frames that cannot be read");
  }

  #refuseAuth(reason: string): void {
    this.say("error", errorBody("AUTH_REQUIRED", reason));
    this.out.close(CLOSE_CODES.AUTH_FAILED, reason);
  }

  #fail(failure: unknown, id: string | undefined): void {
    const error = errorOfFailure(failure);
    const { count, onError, limits, wallNow } = this.#context;
    count.refused(error.code);
    if (error.code === "INTERNAL") onError(failure);
    this.say("error", error, id);
    if (error.code !== "RATE_LIMITED") return;
    this.#insistsSinceMs ??= wallNow();
    if (wallNow() - this.#insistsSinceMs > limits.insistenceMsMax)
      this.out.close(CLOSE_CODES.RATE, "too much for too long");
  }

  #end(code: number): void {
    const { abandoned, count } = this.#context;
    if (this.#authDeadline !== null) clearTimeout(this.#authDeadline);
    this.subscriptions.close();
    const identity = this.#identity;
    identity?.seat.close();
    if (identity !== null && this.#cancelOnDisconnect !== null) {
      const { grace_ms: graceMs } = this.#cancelOnDisconnect;
      abandoned.leave(this.id, identity.pass.principal.id, this.orders.all(), graceMs);
    }
    count.closed(code);
    this.#onEnd(this);
  }
}

type Configure = Extract<AnyClientMessage, { type: "session.configure" }>["data"];
