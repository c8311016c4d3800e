/**
 * A session with a market that outlives its connections: it connects, signs in, follows its channels, and does so again when
 * the connection is gone.
 *
 * Invariants: there is one connection at a time; after `close` there is none, and no timer; what cannot get better by trying
 * again is given up, and said.
 */
import { CLOSE_CODES, type BatchAnswer, type BatchFrame, type ClientMessage, encodeBatch } from "@micromarket/protocol";
import { isBookSound } from "../channels/book-checksum.ts";
import { ChannelFollower, type ChannelHearer, type ChannelWish } from "../channels/channel-follower.ts";
import { Listeners, throwLater } from "../listeners.ts";
import type { AnswerData, AskedType, Reply } from "../reply.ts";
import { GLOBAL_SURROUNDINGS, Halt, pause, type Surroundings } from "../surroundings.ts";
import { bestOffset, type ClockOffset, type FourTimes } from "./clock-offset.ts";
import { Connection, type ConnectionEnd, type Hello, type ServerFrame } from "./connection.ts";
import { RECONNECT_RULE, reconnectDelay, type ReconnectRule } from "./reconnect-delay.ts";
import type { Authenticated, SessionEvents, SessionFailure, SessionOptions, SessionState } from "./session-options.ts";
import { isRenewable, refreshDelay, signIn } from "./sign-in.ts";

const OPENING = new Set(["subscribed", "resumed", "resume.reset"]);
/** So often in a row a credential that may get better is refused before it is left at that. */
const REFUSALS_MAX = 5;

/** A session with one market. */
export class MarketSession {
  readonly #url: string;
  readonly #options: SessionOptions;
  readonly #surroundings: Surroundings;
  readonly #rule: ReconnectRule;
  readonly #listeners: Listeners<SessionEvents>;
  readonly #followers = new Map<string, ChannelFollower>();
  readonly #stop = new Halt();
  readonly #timeoutMs: number;
  #connection: Connection | null = null;
  #state: SessionState = "connecting";
  #who: Authenticated | null = null;
  #clock: ClockOffset | null = null;
  #sessionId: string | null = null;
  #retryAfterMs: number | null = null;
  #failure: SessionFailure | null = null;
  #refusedInARow = 0;
  #cancelRefresh: () => void = () => undefined;

  constructor(url: string, options: SessionOptions) {
    this.#url = url;
    this.#options = options;
    this.#surroundings = { ...GLOBAL_SURROUNDINGS, ...options.surroundings };
    this.#rule = { ...RECONNECT_RULE, ...options.reconnect };
    this.#timeoutMs = options.requestTimeoutMs ?? 10_000;
    this.#listeners = new Listeners(options.onListenerError ?? throwLater);
    void this.#run();
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Who one is; `null`: not signed in. */
  get who(): Authenticated | null {
    return this.#state === "ready" ? this.#who : null;
  }

  /** Of the present connection. */
  get hello(): Hello | null {
    return this.#connection?.hello ?? null;
  }

  /** How far the server's wall clock is ahead; `null`: not known yet. */
  get clock(): ClockOffset | null {
    return this.#clock;
  }

  /** The server's wall clock, as far as it is known. */
  serverNowMs(): number {
    return this.#surroundings.nowMs() + (this.#clock?.offsetMs ?? 0);
  }

  /** Calls `listener` from now on, until the answer is called. */
  on<Name extends keyof SessionEvents>(name: Name, listener: (what: SessionEvents[Name]) => void): () => void {
    return this.#listeners.on(name, listener);
  }

  /** Settles when it is signed in; rejects where it never will be. */
  ready(): Promise<Authenticated> {
    const failed = (): Error => new Error(this.#failure?.message ?? "the session was closed");
    if (this.#who !== null && this.#state === "ready") return Promise.resolve(this.#who);
    if (this.#stop.isCalled) return Promise.reject(failed());
    return new Promise((resolve, reject) => {
      const ends = [
        this.on("ready", ({ who }) => settle(() => resolve(who))),
        this.on("state", (state) => {
          if (state === "closed" || state === "failed") settle(() => reject(failed()));
        }),
      ];
      const settle = (how: () => void): void => {
        for (const end of ends) end();
        how();
      };
    });
  }

  /** Asks something. Without a connection nothing is sent, and nothing waits for one. */
  request<Type extends AskedType>(
    type: Type,
    data: ClientMessage<Type>["data"],
    timeoutMs = this.#timeoutMs,
  ): Promise<Reply<AnswerData<Type>>> {
    if (this.#connection === null || this.#state !== "ready")
      return Promise.resolve({ state: "unsent", because: "not-connected" });
    return this.#connection.request(type, data, timeoutMs);
  }

  /** Sends up to 1000 limit orders of one slot as a binary frame. */
  requestBatch(batch: BatchFrame, timeoutMs = this.#timeoutMs): Promise<Reply<BatchAnswer>> {
    if (this.#connection === null || this.#state !== "ready")
      return Promise.resolve({ state: "unsent", because: "not-connected" });
    return this.#connection.requestBatch(batch.requestId, encodeBatch(batch), timeoutMs);
  }

  /** Follows a channel from now on, over all connections; the answer ends that. A channel is followed once. */
  follow(
    wish: ChannelWish,
    hearer: Omit<ChannelHearer, "notice"> & Partial<Pick<ChannelHearer, "notice">>,
  ): () => void {
    if (this.#followers.has(wish.ch)) throw new Error(`"${wish.ch}" is followed already`);
    const sound = wish.ch === "book" ? { isSound: isBookSound } : {};
    const follower = new ChannelFollower(
      { ...sound, ...wish },
      {
        ...hearer,
        notice: (notice) => {
          hearer.notice?.(notice);
          this.#listeners.tell("channel", notice);
        },
      },
    );
    this.#followers.set(wish.ch, follower);
    if (this.#state === "ready") this.#beginFollower(follower);
    return () => {
      follower.end();
      this.#followers.delete(wish.ch);
      void this.request("unsubscribe", { ch: wish.ch });
    };
  }

  /** Compares the clocks; `null`: no answer came. */
  async syncClock(samples = this.#options.clockSamples ?? 4): Promise<ClockOffset | null> {
    const times: FourTimes[] = [];
    for (let sample = 0; sample < samples; sample++) {
      const t0 = this.#surroundings.nowMs();
      const reply = await this.request("time", { t0_ms: t0 });
      const t3 = this.#surroundings.nowMs();
      if (reply.state === "answered") times.push({ t0, t1: reply.data.t1_ms, t2: reply.data.t2_ms, t3 });
    }
    this.#clock = bestOffset(times) ?? this.#clock;
    return bestOffset(times);
  }

  /** Signs in again now: a new token, before the old one ends. */
  async refresh(): Promise<boolean> {
    const connection = this.#connection;
    if (connection === null || this.#state !== "ready") return false;
    const signed = await signIn(connection, this.#options.credential, this.#timeoutMs);
    if (signed.state !== "answered") return false;
    this.#admit(signed.data, signed.atMs);
    this.#listeners.tell("refreshed", signed.data);
    return true;
  }

  /** Says goodbye. Orders stay, unless the server was asked to take them back. */
  close(): void {
    if (this.#stop.isCalled) return;
    this.#stop.call();
    this.#connection?.close(CLOSE_CODES.NORMAL, "");
    this.#setState("closed");
  }

  /** Drops the present connection as if it were broken; another one takes its place. */
  dropConnection(reason: string): void {
    this.#connection?.drop(reason);
  }

  async #run(): Promise<void> {
    const { nowMs, random } = this.#surroundings;
    let attempt = 0;
    while (!this.#stop.isCalled) {
      this.#setState("connecting");
      let readyAt: number | null = null;
      const end = await this.#connectOnce(() => (readyAt = nowMs()));
      this.#cancelRefresh();
      for (const follower of this.#followers.values()) follower.end();
      this.#connection = null;
      this.#listeners.tell("ended", end);
      const failure = this.#failure ?? failureOf(end, this.#options);
      if (failure !== null) return this.#fail(failure);
      if (this.#stop.isCalled) return;
      const wasStable = readyAt !== null && nowMs() - readyAt >= this.#rule.stableMs;
      attempt = wasStable || this.#retryAfterMs !== null ? 1 : attempt + 1;
      const isOverloaded = end.code === CLOSE_CODES.OVERLOAD || end.code === CLOSE_CODES.RATE;
      const delay = reconnectDelay(this.#rule, attempt, { retryAfterMs: this.#retryAfterMs, isOverloaded }, random());
      this.#retryAfterMs = null;
      this.#setState("waiting");
      await pause(this.#surroundings, delay, this.#stop);
    }
  }

  /** One connection from its beginning to its end. */
  #connectOnce(onReady: () => void): Promise<ConnectionEnd> {
    return new Promise((resolve) => {
      try {
        const connection: Connection = new Connection(this.#surroundings.openSocket(this.#url, ["micromarket.v1"]), {
          surroundings: this.#surroundings,
          helloWithinMs: this.#options.helloWithinMs ?? 10_000,
          silenceMs: this.#options.silenceMs ?? null,
          onFrame: (frame) => this.#hear(frame),
          onHello: (hello) => {
            this.#listeners.tell("hello", hello);
            void this.#signIn(connection, onReady);
          },
          onEnd: resolve,
          onStray: (what) => this.#listeners.tell("stray", what),
        });
        this.#connection = connection;
      } catch (error) {
        resolve({ code: 1006, reason: error instanceof Error ? error.message : String(error), isOwn: true });
      }
    });
  }

  async #signIn(connection: Connection, onReady: () => void): Promise<void> {
    this.#setState("signing-in");
    const { credential, cancelOnDisconnect } = this.#options;
    const signed = await signIn(connection, credential, this.#timeoutMs);
    if (this.#connection !== connection) return;
    if (signed.state === "failed") {
      const { message, isFinal } = signed;
      if (isFinal) return this.#giveUp({ code: "CREDENTIAL", message, error: null }, connection);
      return connection.close(CLOSE_CODES.NORMAL, `no credential: ${message}`.slice(0, 100));
    }
    if (signed.state === "refused") {
      const { error } = signed;
      if (error.code === "AUTH_FAILED") this.#refusedInARow += 1;
      if (error.code === "AUTH_FAILED" && (!isRenewable(credential) || this.#refusedInARow >= REFUSALS_MAX))
        return this.#giveUp({ code: "AUTH_REFUSED", message: error.message, error }, connection);
      return connection.close(CLOSE_CODES.NORMAL, "not let in");
    }
    if (signed.state !== "answered") return connection.drop("signing in was not answered");
    const isAgain = this.#sessionId !== null;
    this.#admit(signed.data, signed.atMs);
    if (cancelOnDisconnect !== undefined && cancelOnDisconnect !== null) {
      const before = this.#sessionId === null ? {} : { takes_over: this.#sessionId };
      await connection.request(
        "session.configure",
        { cancel_on_disconnect: { grace_ms: cancelOnDisconnect.graceMs }, ...before },
        this.#timeoutMs,
      );
      if (this.#connection !== connection) return;
    }
    const session = connection.hello?.session ?? "";
    this.#sessionId = session;
    onReady();
    this.#setState("ready");
    for (const follower of this.#followers.values()) this.#beginFollower(follower);
    this.#listeners.tell("ready", { session, isAgain, who: signed.data });
    void this.syncClock();
  }

  #admit(who: Authenticated, serverNowMs: number): void {
    this.#who = who;
    this.#refusedInARow = 0;
    this.#cancelRefresh();
    if (who.expires_ms === null || !isRenewable(this.#options.credential)) return;
    const delay = refreshDelay(who.expires_ms, serverNowMs);
    this.#cancelRefresh = this.#surroundings.after(delay, () => void this.#refreshOrRetry());
  }

  /** What fails once is tried again every second, until the server ends the session. */
  async #refreshOrRetry(): Promise<void> {
    if (this.#state !== "ready" || (await this.refresh())) return;
    this.#cancelRefresh = this.#surroundings.after(1_000, () => void this.#refreshOrRetry());
  }

  #beginFollower(follower: ChannelFollower): void {
    const { after } = this.#surroundings;
    follower.begin({ ask: (type, data) => this.request(type, data), after, timeoutMs: this.#timeoutMs });
  }

  #hear(frame: ServerFrame): void {
    const named = OPENING.has(frame.type) ? (frame.data as { readonly ch: string }).ch : frame.ch;
    if (named !== undefined) return this.#followers.get(named)?.hear(frame);
    switch (frame.type) {
      case "heartbeat":
        return this.#compare((frame.data as { readonly last?: Readonly<Record<string, number>> }).last ?? {});
      case "server.closing": {
        const closing = frame.data as SessionEvents["closing"];
        this.#retryAfterMs = closing.retry_after_ms;
        return this.#listeners.tell("closing", closing);
      }
      case "limit":
        return this.#listeners.tell("limit", frame.data as SessionEvents["limit"]);
      default:
        if (frame.id === undefined) this.#listeners.tell("frame", frame);
    }
  }

  #compare(last: Readonly<Record<string, number>>): void {
    for (const [ch, seq] of Object.entries(last)) this.#followers.get(ch)?.compare(seq);
  }

  #giveUp(failure: SessionFailure, connection: Connection): void {
    this.#failure = failure;
    connection.close(CLOSE_CODES.NORMAL, "");
  }

  #fail(failure: SessionFailure): void {
    this.#failure = failure;
    if (this.#stop.isCalled) return;
    this.#stop.call();
    this.#listeners.tell("failed", failure);
    this.#setState("failed");
  }

  #setState(state: SessionState): void {
    if (this.#state === state || this.#state === "closed" || this.#state === "failed") return;
    this.#state = state;
    this.#listeners.tell("state", state);
  }
}

/** What no further attempt would change. */
function failureOf({ code, reason }: ConnectionEnd, { credential }: SessionOptions): SessionFailure | null {
  if (code === CLOSE_CODES.FORBIDDEN) return { code: "FORBIDDEN", message: reason, error: null };
  if (code === CLOSE_CODES.REPLACED) return { code: "REPLACED", message: reason, error: null };
  if (code === CLOSE_CODES.UPGRADE_REQUIRED) return { code: "VERSION", message: reason, error: null };
  if (code === CLOSE_CODES.AUTH_FAILED && !isRenewable(credential))
    return { code: "AUTH_REFUSED", message: reason, error: null };
  return null;
}
