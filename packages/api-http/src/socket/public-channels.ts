/**
 * What everybody may listen to. Each message is written once, however many listen; who listens less often than things
 * change gets the latest.
 *
 * Invariant: in each channel numbers grow; a snapshot holds everything up to its number.
 */
import { crc32 } from "node:zlib";
import { slotAfter, type InstantMs } from "@micromarket/kernel";
import { instantText, PUBLIC_CHANNELS, type BookView, type PublicChannel } from "@micromarket/protocol";
import { marketView } from "../market-view.ts";
import { nextSlotToClose, type Moment } from "../moment.ts";
import { openSlot, type IndicativeSource } from "../open-slot.ts";
import type { MarketReadModel, NumberedNews, SlotRecord } from "../read-model.ts";
import { slotSummary } from "../slot-view.ts";

interface PriceItem {
  slot: string;
  slot_ms: number;
  price_micro_per_kwh: number | null;
  energy_wh: number | null;
  is_final: boolean;
  tariff_micro_per_kwh: number | null;
  feed_in_micro_per_kwh: number | null;
}

/** Latest results of a snapshot: a day of quarter hours. */
const LATEST_MAX = 96;
/** Open slots that are told of: a day of quarter hours. */
const OPEN_MAX = 96;

/** Hears each message of each channel. */
export type ChannelListener = (channel: PublicChannel, seq: number, prev: number | null, data: unknown) => void;

/** The limit levels of an open book, where the market shows them; `null`: it does not, or has none for the slot. */
export type LevelSource = (slot: InstantMs) => readonly BookLevel[] | null;

/** What is asked and offered at one limit. */
export interface BookLevel {
  readonly price: number;
  readonly buyWh: number;
  readonly sellWh: number;
}

/** The public channels of one market. */
export class PublicChannels {
  readonly #model: MarketReadModel;
  readonly #moment: () => Moment;
  readonly #indicative: IndicativeSource | undefined;
  readonly #levels: LevelSource | undefined;
  readonly #listeners = new Set<ChannelListener>();
  readonly #seqs: Record<PublicChannel, number>;
  readonly #unsubscribe: () => void;
  #bookTold = "";
  #pricesTold = "";

  constructor(
    model: MarketReadModel,
    moment: () => Moment,
    indicative: IndicativeSource | undefined,
    levels: LevelSource | undefined,
  ) {
    this.#model = model;
    this.#moment = moment;
    this.#indicative = indicative;
    this.#levels = levels;
    const start = model.lastSequence();
    this.#seqs = { market: start, book: start, trades: start, results: start, prices: start };
    this.#unsubscribe = model.subscribe((news) => this.#hear(news));
  }

  /** The number of the latest message of each channel. */
  get seqs(): Readonly<Record<PublicChannel, number>> {
    return this.#seqs;
  }

  /** Calls `listener` from now on, until the answer is called. */
  listen(listener: ChannelListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** What a listener begins with. */
  snapshot(channel: PublicChannel): { readonly seq: number; readonly data: unknown } {
    return { seq: this.#seqs[channel], data: this.#snapshotOf(channel) };
  }

  /** Looks at the open books: to be called now and then, while somebody listens. */
  look(): void {
    if (this.#listeners.size === 0) return;
    const book = this.#book();
    const text = JSON.stringify(book);
    if (text === this.#bookTold) return;
    this.#bookTold = text;
    this.#tell("book", book);
    this.#tellOpenPrices();
  }

  close(): void {
    this.#unsubscribe();
    this.#listeners.clear();
  }

  #hear({ event, sequence }: NumberedNews): void {
    if (this.#listeners.size === 0) {
      for (const channel of PUBLIC_CHANNELS) this.#seqs[channel] = Math.max(this.#seqs[channel], sequence);
      return;
    }
    if (event.type === "TariffSet") this.#tell("market", marketView(this.#model, this.#moment()));
    if (event.type === "SlotSettled") this.#tellSlot("results", event.slot);
    if (event.type !== "GateClosed") return;
    this.#tell("market", marketView(this.#model, this.#moment()));
    this.#tellSlot("results", event.slot);
    const record = this.#model.slot(event.slot);
    if (record === null) return;
    this.#tell("trades", tradesOf(record));
    this.#tell("prices", { prices: [finalPrice(record)] });
  }

  #tellSlot(channel: "results", slot: InstantMs): void {
    const record = this.#model.slot(slot);
    if (record !== null) this.#tell(channel, slotSummary(this.#model, record, this.#moment()));
  }

  #tell(channel: PublicChannel, data: unknown): void {
    const prev = this.#seqs[channel];
    const seq = prev + 1;
    this.#seqs[channel] = seq;
    for (const listener of [...this.#listeners]) listener(channel, seq, prev, data);
  }

  #snapshotOf(channel: PublicChannel): unknown {
    const moment = this.#moment();
    switch (channel) {
      case "market":
        return marketView(this.#model, moment);
      case "book":
        return this.#book();
      case "prices":
        return { prices: [...this.#latest().map(finalPrice), ...this.#openPrices()] };
      case "results":
        return { latest: this.#latest().map((record) => slotSummary(this.#model, record, moment)) };
      case "trades":
        return { latest: this.#latest().map(tradesOf) };
    }
  }

  #latest(): readonly SlotRecord[] {
    return this.#model.slots({ from: null, to: null, order: "newest-first", limit: LATEST_MAX });
  }

  #openStarts(): readonly InstantMs[] {
    const { rules } = this.#model;
    const { now } = this.#moment();
    const first = nextSlotToClose(rules, now);
    const length: number = rules.slotLength;
    const count = Math.min(OPEN_MAX, Math.floor((now + rules.horizon - first.startMs) / length) + 1);
    return Array.from({ length: Math.max(0, count) }, (_, index) => slotAfter(first, index).startMs);
  }

  #book(): BookView {
    const moment = this.#moment();
    const slots = this.#openStarts().flatMap((start) => {
      const open = openSlot(this.#model, this.#indicative, start, moment);
      if (open === null) return [];
      const levels = this.#levels?.(start) ?? null;
      const wire = levels?.map(({ price, buyWh, sellWh }) => ({
        ...{ price_micro_per_kwh: price, buy_wh: buyWh, sell_wh: sellWh },
      }));
      return [{ ...open, levels: wire ?? null, checksum: levels === null ? null : checksumOf(levels) }];
    });
    return { slots };
  }

  #openPrices(): readonly PriceItem[] {
    const moment = this.#moment();
    return this.#openStarts().flatMap((start) => {
      const open = openSlot(this.#model, this.#indicative, start, moment);
      if (open === null) return [];
      const standing = this.#model.pricesAt(start);
      const { price_micro_per_kwh: price, energy_wh: energy } = open.indicative;
      return [
        {
          ...{
            slot: open.start,
            slot_ms: open.start_ms,
            price_micro_per_kwh: price,
            energy_wh: energy,
            is_final: false,
          },
          tariff_micro_per_kwh: standing?.tariff ?? null,
          feed_in_micro_per_kwh: standing?.feedIn ?? null,
        },
      ];
    });
  }

  #tellOpenPrices(): void {
    const prices = this.#openPrices();
    const text = JSON.stringify(prices);
    if (text === this.#pricesTold) return;
    this.#pricesTold = text;
    this.#tell("prices", { prices });
  }
}

function finalPrice({ closed: { event } }: SlotRecord): PriceItem {
  return {
    slot: instantText(event.slot),
    slot_ms: event.slot,
    price_micro_per_kwh: event.result.price,
    energy_wh: event.result.energy,
    is_final: true,
    tariff_micro_per_kwh: event.tariff,
    feed_in_micro_per_kwh: event.feedIn,
  };
}

function tradesOf({ closed: { event } }: SlotRecord) {
  const trades = event.result.trades.map(({ energy, price }) => ({ energy_wh: energy, price_micro_per_kwh: price }));
  return { slot: instantText(event.slot), slot_ms: event.slot, trades };
}

/** CRC-32 (ISO-HDLC) over `PRICE:BUY:SELL;` of each level. */
export function checksumOf(levels: readonly BookLevel[]): number {
  return crc32(levels.map(({ price, buyWh, sellWh }) => `${price}:${buyWh}:${sellWh};`).join(""));
}
