/**
 * All sockets of a server: heartbeats, what is told to many, planned stops, revocations.
 *
 * Invariants: a message of a public channel is written once, however many listen; one slow or broken session holds up
 * nobody; after `close` no socket, timer or subscription is left.
 */
import { randomUUID } from "node:crypto";
import type { WebSocket } from "@fastify/websocket";
import { CLOSE_CODES, type PublicChannel } from "@micromarket/protocol";
import type { Pass } from "../access/principal.ts";
import type { OrdersLeft } from "./abandoned-orders.ts";
import type { ReferenceSubscriptions } from "./reference-subscriptions.ts";
import type { SessionContext } from "./session-context.ts";
import { SocketSession, type Origin } from "./socket-session.ts";

/** What the hub works with, beside what sessions do. */
export interface HubInit {
  readonly context: SessionContext;
  readonly left: OrdersLeft;
  readonly references: ReferenceSubscriptions;
}

/** How long a client should wait before it comes back after a planned stop, milliseconds. */
const RETRY_AFTER_MS = 2_000;

/** The sessions of a server. */
export class SocketHub {
  readonly #context: SessionContext;
  readonly #left: OrdersLeft;
  readonly #references: ReferenceSubscriptions;
  readonly #sessions = new Set<SocketSession>();
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #ends: readonly (() => void)[];

  constructor({ context, left, references }: HubInit) {
    this.#context = context;
    this.#left = left;
    this.#references = references;
    const { limits, channels, desk, registry } = context;
    this.#timers = [
      every(limits.heartbeatMs, () => this.#each((session) => session.keep())),
      every(limits.pingMs, () => this.#each((session) => session.ping())),
      every(limits.lookMs, () => this.#guard(() => channels.look())),
    ];
    this.#ends = [
      channels.listen((channel, seq, prev, data) => this.#tell(channel, seq, prev, data)),
      desk.archive.subscribe((events) => this.#each((session) => session.subscriptions.tellPrivate(events))),
      registry.onRevoked(({ principalId, refusal }) =>
        this.#each((session) => {
          if (session.identity?.pass.principal.id === principalId) session.endPass(refusal);
        }),
      ),
    ];
  }

  /** How many there are. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Whether there is room for one more. */
  get isFull(): boolean {
    return this.#sessions.size >= this.#context.limits.sessionsMax;
  }

  /** Takes a socket that was just opened. `pass`: who its certificate or header says it is. */
  admit(socket: WebSocket, origin: Origin, pass: Pass | null): void {
    const session = new SocketSession(randomUUID(), socket, origin, this.#context, (ended) => this.#forget(ended));
    this.#sessions.add(session);
    this.#context.count.opened();
    session.begin(pass);
  }

  /** Tells everybody that the server is about to stop, and when to come back; then it is quiet. */
  close(reason: string): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const end of this.#ends) end();
    this.#left.close();
    this.#references.close();
    this.#context.channels.close();
    const at = this.#context.wallNow();
    this.#each((session) => {
      session.say("server.closing", { reason, at_ms: at, retry_after_ms: RETRY_AFTER_MS });
      session.close(CLOSE_CODES.RESTART, reason);
    });
  }

  #forget(session: SocketSession): void {
    this.#sessions.delete(session);
    this.#references.forget(session);
  }

  #tell(channel: PublicChannel, seq: number, prev: number | null, data: unknown): void {
    let written: string | null = null;
    const text = (): string =>
      (written ??= JSON.stringify({ type: "delta", ch: channel, seq, prev, ts: this.#context.wallNow(), data }));
    this.#each((session) => session.subscriptions.tell(channel, seq, data, text));
  }

  #each(visit: (session: SocketSession) => void): void {
    for (const session of [...this.#sessions]) this.#guard(() => visit(session));
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#context.onError(error);
    }
  }
}

function every(ms: number, work: () => void): NodeJS.Timeout {
  const timer = setInterval(work, ms);
  timer.unref();
  return timer;
}
