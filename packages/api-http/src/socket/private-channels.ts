/**
 * What one party is told: views of its durable, numbered stream.
 *
 * Invariant: each event is sent once and in order, with the number of the one that was sent before it in the channel; what
 * is not there any more is never passed over in silence.
 */
import { partyId, type PartyId } from "@micromarket/kernel";
import {
  channelOf,
  orderView,
  PRIVATE_CHANNELS,
  privateFrame,
  type PrivateChannel,
  type PrivateEvent,
} from "@micromarket/protocol";
import type { Moment } from "../moment.ts";
import { partyPosition } from "../position.ts";
import type { MarketReadModel } from "../read-model.ts";
import { openOrders } from "./order-service.ts";
import type { TradingDesk } from "./trading-desk.ts";

/** Events that are read from the archive at once. */
const PAGE = 500;

/** A channel of a party by its name, or `null`. */
export function privateChannelOf(name: string): { readonly channel: PrivateChannel; readonly party: PartyId } | null {
  const slash = name.indexOf("/");
  const channel = PRIVATE_CHANNELS.find((each) => each === name.slice(0, slash));
  return slash < 0 || channel === undefined ? null : { channel, party: partyId(name.slice(slash + 1)) };
}

/** A frame of a private channel, whole but for the time it is sent. */
export interface PrivateMessage {
  readonly type: string;
  readonly seq: number;
  readonly prev: number;
  readonly data: unknown;
}

/** One session's view of one channel. */
export class PrivateView {
  readonly name: string;
  readonly channel: PrivateChannel;
  readonly party: PartyId;
  readonly #archive: TradingDesk["archive"];
  /** The number of what was sent last, or of the snapshot. */
  #sent: number;
  /** Everything up to here was looked at. */
  #looked: number;
  #isBehind = false;

  constructor(name: string, channel: PrivateChannel, party: PartyId, archive: TradingDesk["archive"]) {
    this.name = name;
    this.channel = channel;
    this.party = party;
    this.#archive = archive;
    this.#sent = this.#looked = archive.lastSeq(party);
  }

  /** The number of what was sent last. */
  get seq(): number {
    return this.#sent;
  }

  /** Whether there is something to be fetched by `catchUp` before anything new is sent. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Whether everything after `seq` is still there, and was numbered by this archive. */
  holds(seq: number, epoch: number | undefined): boolean {
    const isSame = epoch === undefined || epoch === this.#archive.since;
    return isSame && seq >= this.#archive.firstSeq(this.party) - 1 && seq <= this.#archive.lastSeq(this.party);
  }

  /** Goes on after `seq`: the next messages are those that `catchUp` gives. */
  rewind(seq: number): void {
    this.#sent = this.#looked = seq;
    this.#isBehind = true;
  }

  /** What happens from now on is left to `catchUp`. */
  fallBehind(): void {
    this.#isBehind = true;
  }

  /** Everything up to now is sent, as a snapshot: its number. */
  skipToEnd(): number {
    this.#sent = this.#looked = this.#archive.lastSeq(this.party);
    this.#isBehind = false;
    return this.#sent;
  }

  /** What came after what was sent, some of it; empty: that was all, and the view is not behind any more. */
  catchUp(): readonly PrivateMessage[] {
    for (;;) {
      const page = this.#archive.eventsAfter(this.party, this.#looked, PAGE);
      if (page.length === 0) {
        this.#isBehind = false;
        return [];
      }
      const found = page.flatMap((event) => this.#take(event));
      if (found.length > 0) return found;
    }
  }

  /** The message of an event that happened just now; `null`: it is not the channel's, or is fetched by `catchUp`. */
  messageOf(event: PrivateEvent): PrivateMessage | null {
    return this.#isBehind || event.party !== this.party ? null : (this.#take(event)[0] ?? null);
  }

  #take(event: PrivateEvent): readonly PrivateMessage[] {
    if (event.seq <= this.#looked) return [];
    this.#looked = event.seq;
    if (channelOf(event) !== this.channel) return [];
    const { type, data } = privateFrame(event);
    const prev = this.#sent;
    this.#sent = event.seq;
    return [{ type, seq: event.seq, prev, data }];
  }
}

/** What a private channel begins with. */
export function privateSnapshot(
  view: PrivateView,
  archive: TradingDesk["archive"],
  model: MarketReadModel,
  moment: Moment,
): unknown {
  const record = model.party(view.party);
  switch (view.channel) {
    case "orders":
      return { orders: openOrders(archive, view.party).map(orderView) };
    case "positions":
      return {
        position:
          record === null
            ? null
            : partyPosition(model, record, { from: null, to: null, limit: POSITION_SLOTS }, moment),
      };
    case "bills":
      return { balance_nano: String(record?.balance ?? 0n) };
  }
}

const POSITION_SLOTS = 96;
