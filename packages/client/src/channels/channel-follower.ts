/**
 * One channel as it is followed: from a snapshot, or from where one was, message by message.
 *
 * Invariants: what is handed on is a snapshot, then each message whose `prev` is what was handed on before: nothing twice,
 * nothing out of order, nothing missing. What is missing is fetched: of a public channel by a new snapshot, of a private one
 * by resuming after what was heard, so that a snapshot takes its place only where the server does not keep it any more.
 */
import type { ServerFrame } from "../session/connection.ts";
import type { ChannelLink } from "./channel-link.ts";

/** How far a private channel was heard: to go on from there after a restart. */
export interface ChannelCursor {
  readonly seq: number;
  readonly epoch: number;
}

/** What was noticed of a channel that is not its messages. */
export type ChannelNotice =
  | {
      readonly kind: "gap";
      readonly ch: string;
      readonly heard: number;
      readonly prev: number | null;
      readonly seq: number;
    }
  | { readonly kind: "behind"; readonly ch: string; readonly heard: number; readonly last: number }
  | { readonly kind: "again"; readonly ch: string; readonly seq: number }
  | { readonly kind: "reset"; readonly ch: string }
  | { readonly kind: "checksum"; readonly ch: string; readonly seq: number }
  | { readonly kind: "refused"; readonly ch: string; readonly code: string; readonly message: string };

/** Who hears the channel. */
export interface ChannelHearer {
  /** `isReset`: what was missed is gone; the snapshot says how things stand. */
  readonly snapshot: (
    data: unknown,
    place: { readonly seq: number; readonly epoch: number | null; readonly isReset: boolean },
  ) => void;
  readonly message: (
    type: string,
    data: unknown,
    place: { readonly seq: number; readonly epoch: number | null },
  ) => void;
  readonly notice: (notice: ChannelNotice) => void;
}

/** How it is followed. */
export interface ChannelWish {
  readonly ch: string;
  readonly isPrivate: boolean;
  readonly maxRateMs?: number;
  /** Where to go on; of private channels alone. */
  readonly cursor?: ChannelCursor;
  /** Whether the data are sound; where they are not, a new snapshot is asked for. @default they are */
  readonly isSound?: (data: unknown) => boolean;
}

type Phase = "apart" | "asked" | "following" | "repairing";

/** Follows one channel over any number of connections. */
export class ChannelFollower {
  readonly ch: string;
  readonly #wish: ChannelWish;
  readonly #hearer: ChannelHearer;
  #link: ChannelLink | null = null;
  #phase: Phase = "apart";
  #seq: number | null;
  #epoch: number | null;
  /** The epoch that the next snapshot begins, and whether it takes the place of something. */
  #coming: { readonly epoch: number | null; readonly isReset: boolean } | null = null;
  #cancelRetry: () => void = () => undefined;
  #unsoundInARow = 0;

  constructor(wish: ChannelWish, hearer: ChannelHearer) {
    this.ch = wish.ch;
    this.#wish = wish;
    this.#hearer = hearer;
    this.#seq = wish.cursor?.seq ?? null;
    this.#epoch = wish.cursor?.epoch ?? null;
  }

  /** What was handed on last; `null`: nothing yet. */
  get seq(): number | null {
    return this.#seq;
  }

  /** Whether it is heard now, and nothing known is missing. */
  get isFollowing(): boolean {
    return this.#phase === "following";
  }

  /** A session is ready. */
  begin(link: ChannelLink): void {
    this.#link = link;
    this.#phase = "asked";
    this.#ask();
  }

  /** The session is over; what was heard stays. */
  end(): void {
    this.#cancelRetry();
    this.#link = null;
    this.#phase = "apart";
    this.#coming = null;
  }

  /** A frame about this channel: of it, or the answer that opens it. */
  hear({ type, data, seq, prev }: ServerFrame): void {
    if (this.#phase === "apart") return;
    switch (type) {
      case "subscribed":
        this.#coming = { epoch: epochIn(data), isReset: this.#seq !== null && this.#wish.isPrivate };
        return;
      case "resumed":
        this.#epoch = epochIn(data);
        this.#phase = "following";
        this.#cancelRetry();
        return;
      case "resume.reset":
        this.#coming = { epoch: epochIn(data), isReset: true };
        return;
      case "snapshot":
        return this.#hearSnapshot(data, seq ?? 0);
      default:
        return this.#hearMessage(type, data, seq, prev ?? null);
    }
  }

  /** A heartbeat says what was sent last: what has not been heard by now is lost. */
  compare(last: number): void {
    if (this.#phase !== "following" || this.#seq === null || last <= this.#seq) return;
    this.#hearer.notice({ kind: "behind", ch: this.ch, heard: this.#seq, last });
    this.#repair();
  }

  #hearSnapshot(data: unknown, seq: number): void {
    this.#cancelRetry();
    const isReset = this.#coming?.isReset ?? false;
    this.#seq = seq;
    this.#epoch = this.#coming?.epoch ?? this.#epoch;
    this.#coming = null;
    this.#phase = "following";
    if (isReset) this.#hearer.notice({ kind: "reset", ch: this.ch });
    if (this.#isUnsound(data)) return;
    this.#hearer.snapshot(data, { seq, epoch: this.#epoch, isReset });
  }

  #hearMessage(type: string, data: unknown, seq: number | undefined, prev: number | null): void {
    if (seq === undefined || this.#seq === null) return; // not of the numbered stream, or before its snapshot
    if (this.#phase === "asked" && !this.#wish.isPrivate) return;
    if (seq <= this.#seq) return this.#hearer.notice({ kind: "again", ch: this.ch, seq });
    if (prev !== this.#seq) {
      if (this.#phase !== "following") return; // it is being fetched
      this.#hearer.notice({ kind: "gap", ch: this.ch, heard: this.#seq, prev, seq });
      return this.#repair();
    }
    this.#seq = seq;
    if (this.#isUnsound(data)) return;
    this.#hearer.message(type, data, { seq, epoch: this.#epoch });
  }

  /** Data that do not hold are not handed on; what takes their place is asked for, but not for ever. */
  #isUnsound(data: unknown): boolean {
    if (this.#wish.isSound?.(data) !== false) {
      this.#unsoundInARow = 0;
      return false;
    }
    this.#unsoundInARow += 1;
    this.#hearer.notice({ kind: "checksum", ch: this.ch, seq: this.#seq ?? 0 });
    if (this.#unsoundInARow <= UNSOUND_MAX) this.#repair();
    return true;
  }

  #repair(): void {
    this.#phase = "repairing";
    this.#ask();
  }

  #ask(): void {
    const link = this.#link;
    if (link === null) return;
    const { ch } = this;
    const { maxRateMs } = this.#wish;
    this.#cancelRetry();
    this.#cancelRetry = link.after(link.timeoutMs, () => this.#askAgain());
    if (this.#wish.isPrivate && this.#seq !== null && this.#epoch !== null)
      return void this.#noteRefusal(link.ask("resume", { ch, after_seq: this.#seq, epoch: this.#epoch }));
    if (this.#phase === "repairing") return void this.#noteRefusal(link.ask("resync", { ch }));
    const rate = maxRateMs === undefined ? {} : { max_rate_ms: maxRateMs };
    void this.#noteRefusal(link.ask("subscribe", { ch, ...rate }));
  }

  #askAgain(): void {
    if (this.#phase === "asked" || this.#phase === "repairing") this.#ask();
  }

  async #noteRefusal(
    asked: Promise<{
      readonly state: string;
      readonly error?: { readonly code: string; readonly message: string; readonly retryable: boolean };
    }>,
  ): Promise<void> {
    const { error } = await asked;
    if (error === undefined) return;
    if (error.code === "ALREADY_SUBSCRIBED" && this.#phase === "asked") {
      // what answered the first request was lost, and with it the epoch: it begins anew
      void this.#link?.ask("unsubscribe", { ch: this.ch });
      return this.#ask();
    }
    if (this.#phase !== "asked" && this.#phase !== "repairing") return;
    if (error.retryable) return; // it is asked again in time
    this.#cancelRetry();
    this.#hearer.notice({ kind: "refused", ch: this.ch, code: error.code, message: error.message });
  }
}

/** Snapshots that do not hold in a row before it is left at that. */
const UNSOUND_MAX = 3;

function epochIn(data: unknown): number | null {
  const { epoch } = (data ?? {}) as { readonly epoch?: unknown };
  return typeof epoch === "number" ? epoch : null;
}
