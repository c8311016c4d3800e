/**
 * What a session listens to.
 *
 * Invariants: of each channel the snapshot comes first; what a slow listener of a public channel misses is told as the
 * latest; of a private channel nothing is left out, and what waits for a slow reader stays in the archive.
 */
import { PUBLIC_CHANNELS, type PrivateEvent, type PublicChannel } from "@micromarket/protocol";
import type { Pass } from "../access/principal.ts";
import type { AnyClientMessage } from "./frame-check.ts";
import type { Outbox } from "./outbox.ts";
import { privateChannelOf, privateSnapshot, PrivateView, type PrivateMessage } from "./private-channels.ts";
import type { SessionContext } from "./session-context.ts";
import type { Speaker } from "./answer.ts";
import { demandScope, refuseWith } from "./wire-failure.ts";

type Asked<Type extends AnyClientMessage["type"]> = Extract<AnyClientMessage, { type: Type }>;

/** A public channel that a session listens to. */
interface PublicView {
  readonly channel: PublicChannel;
  readonly maxRateMs: number;
  sent: number;
  /** What is told when it is time: the latest. */
  waiting: { readonly seq: number; readonly data: unknown } | null;
  timer: NodeJS.Timeout | null;
  sentAtMs: number;
}

/** All channels of one session. */
export class Subscriptions {
  readonly #out: Outbox;
  readonly #context: SessionContext;
  readonly #public = new Map<PublicChannel, PublicView>();
  readonly #private = new Map<string, PrivateView>();
  #isPumping = false;

  constructor(out: Outbox, context: SessionContext) {
    this.#out = out;
    this.#context = context;
  }

  /** Names of all channels. */
  names(): string[] {
    return [...this.#public.keys(), ...this.#private.keys()];
  }

  /** The number that was sent last in each. */
  seqs(): Record<string, number> {
    return Object.fromEntries([
      ...[...this.#public].map(([name, { sent }]) => [name, sent] as const),
      ...[...this.#private].map(([name, { seq }]) => [name, seq] as const),
    ]);
  }

  /** Whether anybody of these parties is listened to. */
  hasPrivate(): boolean {
    return this.#private.size > 0;
  }

  /** Answers a request about channels; fails where it cannot be done. */
  answer(
    message: Asked<"subscribe"> | Asked<"unsubscribe"> | Asked<"resync"> | Asked<"resume">,
    pass: Pass,
    session: Speaker,
  ): void {
    const { ch } = message.data;
    switch (message.type) {
      case "subscribe":
        return this.#subscribe(message, pass, session);
      case "resume":
        return this.#resume(message, pass, session);
      case "resync":
        if (!this.#isHeard(ch)) refuseWith("NOT_SUBSCRIBED", `the session does not listen to "${ch}"`);
        session.say("resynced", { ch }, message.id);
        return this.#sendSnapshot(ch);
      case "unsubscribe":
        if (!this.#isHeard(ch)) refuseWith("NOT_SUBSCRIBED", `the session does not listen to "${ch}"`);
        this.#leave(ch);
        return session.say("unsubscribed", { ch }, message.id);
    }
  }

  /** Something new in a public channel; `text` writes the frame that all who have heard `prev` get. */
  tell(channel: PublicChannel, seq: number, data: unknown, text: () => string): void {
    const view = this.#public.get(channel);
    if (view === undefined) return;
    const now = this.#context.wallNow();
    const isTime = view.maxRateMs === 0 || now - view.sentAtMs >= view.maxRateMs;
    if (isTime && view.waiting === null && !this.#out.isCongested) {
      view.sent = seq;
      view.sentAtMs = now;
      return this.#out.send(text());
    }
    view.waiting = { seq, data };
    view.timer ??= setTimeout(
      () => this.#tellWaiting(view),
      Math.max(CONGESTION_MS, view.maxRateMs - (now - view.sentAtMs)),
    );
  }

  /** Something happened to parties. */
  tellPrivate(events: readonly PrivateEvent[]): void {
    for (const view of this.#private.values()) {
      if (this.#out.isCongested) {
        view.fallBehind();
        this.#pump();
        continue;
      }
      for (const event of events) {
        const message = view.messageOf(event);
        if (message !== null) this.#out.send(this.#frameOf(view.name, message));
      }
    }
  }

  close(): void {
    for (const name of this.names()) this.#leave(name);
  }

  #subscribe({ id, data }: Asked<"subscribe">, pass: Pass, session: Speaker): void {
    const { ch, max_rate_ms: maxRateMs = 0 } = data;
    this.#demandRoom(ch);
    const named = this.#nameOf(ch, pass);
    if (named.kind === "private") {
      const view = new PrivateView(ch, named.channel, named.party, this.#context.desk.archive);
      this.#private.set(ch, view);
      session.say("subscribed", { ch, seq: view.seq, max_rate_ms: 0, epoch: this.#context.desk.archive.since }, id);
    } else {
      const { channel } = named;
      const sent = this.#context.channels.seqs[channel];
      this.#public.set(channel, { channel, maxRateMs, sent, waiting: null, timer: null, sentAtMs: 0 });
      session.say("subscribed", { ch, seq: sent, max_rate_ms: maxRateMs, epoch: null }, id);
    }
    this.#sendSnapshot(ch);
  }

  #resume({ id, data }: Asked<"resume">, pass: Pass, session: Speaker): void {
    const { ch, after_seq: after, epoch } = data;
    const { archive } = this.#context.desk;
    if (!this.#isHeard(ch)) this.#demandRoom(ch);
    const named = this.#nameOf(ch, pass);
    if (named.kind === "public") refuseWith("UNKNOWN_CHANNEL", "only private channels are kept: subscribe to this one");
    const view = new PrivateView(ch, named.channel, named.party, archive);
    this.#private.set(ch, view);
    const to = archive.lastSeq(named.party);
    if (!view.holds(after, epoch)) {
      const first = archive.firstSeq(named.party);
      session.say("resume.reset", { ch, first_seq: first, to_seq: to, epoch: archive.since }, id);
      return this.#sendSnapshot(ch);
    }
    session.say("resumed", { ch, after_seq: after, to_seq: to, epoch: archive.since }, id);
    view.rewind(after);
    this.#pump();
  }

  #demandRoom(ch: string): void {
    if (this.#isHeard(ch)) refuseWith("ALREADY_SUBSCRIBED", `the session listens to "${ch}" already`);
    if (this.#public.size + this.#private.size >= this.#context.limits.subscriptionsMax)
      refuseWith("RATE_LIMITED", `a session listens to ${this.#context.limits.subscriptionsMax} channels at most`);
  }

  #nameOf(ch: string, pass: Pass): { kind: "public"; channel: PublicChannel } | ({ kind: "private" } & NamedPrivate) {
    const channel = PUBLIC_CHANNELS.find((each) => each === ch);
    if (channel !== undefined) {
      demandScope(pass, "read", null);
      return { kind: "public", channel };
    }
    const named = privateChannelOf(ch);
    if (named === null) return refuseWith("UNKNOWN_CHANNEL", `there is no channel "${ch}"`);
    demandScope(pass, "read", named.party);
    if (this.#context.model.party(named.party) === null) refuseWith("NOT_FOUND", NO_SUCH_PARTY);
    return { kind: "private", ...named };
  }

  #isHeard(ch: string): boolean {
    return this.#private.has(ch) || [...this.#public.keys()].some((each) => each === ch);
  }

  #leave(ch: string): void {
    this.#private.delete(ch);
    for (const [name, { timer }] of this.#public) {
      if (name !== ch) continue;
      if (timer !== null) clearTimeout(timer);
      this.#public.delete(name);
    }
  }

  #sendSnapshot(ch: string): void {
    const { channels, desk, model, moment, wallNow } = this.#context;
    const head = { type: "snapshot", ch, prev: null, ts: wallNow() };
    const own = this.#private.get(ch);
    if (own !== undefined) {
      const seq = own.skipToEnd();
      const data = privateSnapshot(own, desk.archive, model, moment());
      return this.#out.sendSnapshot(JSON.stringify({ ...head, seq, data }));
    }
    for (const view of this.#public.values()) {
      if (view.channel !== ch) continue;
      const { seq, data } = channels.snapshot(view.channel);
      view.sent = seq;
      view.waiting = null;
      this.#out.sendSnapshot(JSON.stringify({ ...head, seq, data }));
    }
  }

  #tellWaiting(view: PublicView): void {
    view.timer = null;
    if (view.waiting === null) return;
    if (this.#out.isCongested) {
      view.timer = setTimeout(() => this.#tellWaiting(view), CONGESTION_MS);
      return;
    }
    const { seq, data } = view.waiting;
    const frame = { type: "delta", ch: view.channel, seq, prev: view.sent, ts: this.#context.wallNow(), data };
    view.sent = seq;
    view.sentAtMs = this.#context.wallNow();
    view.waiting = null;
    this.#out.send(JSON.stringify(frame));
  }

  /** Sends what private views have not sent, as fast as it is read. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    const step = (): void => {
      this.#isPumping = false;
      if (!this.#out.isOpen) return;
      for (const view of this.#private.values()) {
        while (view.isBehind && !this.#out.isCongested)
          for (const message of view.catchUp()) this.#out.send(this.#frameOf(view.name, message));
        if (!view.isBehind) continue;
        this.#isPumping = true;
        setTimeout(step, CONGESTION_MS).unref();
        return;
      }
    };
    setImmediate(step);
  }

  #frameOf(ch: string, { type, seq, prev, data }: PrivateMessage): string {
    return JSON.stringify({ type, ch, seq, prev, ts: this.#context.wallNow(), data });
  }
}

type NamedPrivate = NonNullable<ReturnType<typeof privateChannelOf>>;
const NO_SUCH_PARTY = "no party of this market has that id";
/** How soon it is looked again whether a slow reader has read. */
const CONGESTION_MS = 20;
