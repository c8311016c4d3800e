/**
 * What the server says in channels. A channel begins with a `snapshot`; what follows has the next `seq` and names the one
 * before in `prev`. Public channels carry what everybody may know, private ones (`orders/PARTY`) what is one party's.
 */
import { Type, type Static } from "@sinclair/typebox";
import { ErrorBody } from "./error-code.ts";
import { channelFrame } from "./frame.ts";
import { MarketView } from "./market-schema.ts";
import { OpenSlot } from "./open-slot-schema.ts";
import { PartyPosition } from "./party-schema.ts";
import { SlotSummary } from "./slot-schema.ts";
import { Amount, Count, Instant, Integer, Name, nullable, oneOf } from "./units.ts";

/** Channels that everybody who may come in may listen to. */
export const PUBLIC_CHANNELS = ["market", "book", "trades", "results", "prices"] as const;
/** A channel that everybody may listen to. */
export type PublicChannel = (typeof PUBLIC_CHANNELS)[number];

/** Channels of one party: `NAME/PARTY`. They are views of one numbered, durable stream of the party. */
export const PRIVATE_CHANNELS = ["orders", "positions", "bills"] as const;
/** A channel of one party. */
export type PrivateChannel = (typeof PRIVATE_CHANNELS)[number];

/** The operator's channel. */
export const ADMIN_CHANNEL = "alarms";

/** Where an order may stand. The first two are open, the last four are final. */
export const ORDER_VIEW_STATES = ["open", "partially_filled", "filled", "cancelled", "expired", "rejected"] as const;

/** An order as it stands. */
export const OrderView = Type.Object({
  client_order_id: Name,
  party: Name,
  /** The journal's entry, and its place there; `null` of one that is older than the archive. */
  market_order_id: nullable(Name),
  /** Of the request that placed it, where that had an id of its own. */
  request_id: nullable(Name),
  slot: Instant,
  slot_ms: Integer,
  side: oneOf("buy", "sell"),
  quantity_wh: Count,
  state: oneOf(...ORDER_VIEW_STATES),
  /** Grows by one with every change. */
  rev: Count,
  filled_wh: Count,
  remaining_wh: Count,
  /** At which it was filled; `null`: it was not. */
  price_micro_per_kwh: nullable(Integer),
  /** What the filled part is worth. */
  amount_nano: Amount,
  placed_at: Instant,
  placed_at_ms: Integer,
  at: Instant,
  at_ms: Integer,
  /** Why it ended with energy left: a code. */
  cause: nullable(Name),
});
export type OrderView = Static<typeof OrderView>;

/** A transaction of the party with the market: never the name of another member. */
export const TransactionView = Type.Object({
  market_transaction_id: Name,
  client_order_id: Name,
  slot: Instant,
  slot_ms: Integer,
  side: oneOf("buy", "sell"),
  energy_wh: Count,
  price_micro_per_kwh: Integer,
  amount_nano: Amount,
  at_ms: Integer,
});
export type TransactionView = Static<typeof TransactionView>;

/** What changed of what the party has in a slot: an award, a delivery, a reading. What does not apply is `null`. */
export const PositionChange = Type.Object({
  kind: Name,
  slot: nullable(Instant),
  slot_ms: nullable(Integer),
  number: nullable(Count),
  /** Positive: sent to it. */
  energy_wh: nullable(Integer),
  price_micro_per_kwh: nullable(Integer),
  imported_wh: nullable(Count),
  exported_wh: nullable(Count),
  /** Net import beyond what was traded. */
  deviation_wh: nullable(Integer),
  is_estimate: Type.Boolean(),
  /** Of a delivery of a party without a meter: it is no reading, but what its registration says. */
  basis: Type.Optional(oneOf("scheduled", "financial")),
  at_ms: Integer,
});
export type PositionChange = Static<typeof PositionChange>;

const BillLineView = Type.Object({
  reason: Name,
  counter: Name,
  /** Received; paid where negative. */
  amount_nano: Amount,
  energy_wh: Integer,
  price_micro_per_kwh: nullable(Integer),
  client_order_id: nullable(Name),
});

/** What was posted on the party's account: for a slot, or a payment. */
export const BillView = Type.Object({
  kind: Name,
  slot: nullable(Instant),
  slot_ms: nullable(Integer),
  occasion: nullable(Name),
  reference: nullable(Name),
  amount_nano: Amount,
  lines: Type.Array(BillLineView),
  at_ms: Integer,
});
export type BillView = Static<typeof BillView>;

/** What changed of the party itself: its standing, its keys, its grants, its line of credit. */
export const AccountChange = Type.Object({
  kind: Name,
  details: Type.Record(Type.String(), Type.Unknown()),
  at_ms: Integer,
});
export type AccountChange = Static<typeof AccountChange>;

/** The limit levels of a book, anonymous: sums over all tenders at a limit, rising. */
const Level = Type.Object({ price_micro_per_kwh: Integer, buy_wh: Count, sell_wh: Count });

/**
 * The open books: what each would clear at, and its levels where the market shows them. `checksum` is CRC-32 over
 * `PRICE:BUY:SELL;` of each level as decimal digits.
 */
export const BookView = Type.Object({
  slots: Type.Array(
    Type.Object({ ...OpenSlot.properties, levels: nullable(Type.Array(Level)), checksum: nullable(Count) }),
  ),
});
export type BookView = Static<typeof BookView>;

/** A price as it was settled, or as it stands. */
export const PriceView = Type.Object({
  slot: Instant,
  slot_ms: Integer,
  price_micro_per_kwh: nullable(Integer),
  energy_wh: nullable(Count),
  is_final: Type.Boolean(),
  tariff_micro_per_kwh: nullable(Integer),
  feed_in_micro_per_kwh: nullable(Integer),
});

/** Anonymous trades of a cleared slot. */
export const TradesView = Type.Object({
  slot: Instant,
  slot_ms: Integer,
  trades: Type.Array(Type.Object({ energy_wh: Count, price_micro_per_kwh: Integer })),
});

/** An alarm for the operator. */
export const AlarmView = Type.Object({
  name: Name,
  status: oneOf("pass", "warn", "fail"),
  detail: Type.String(),
  at_ms: Integer,
});

/** What a public channel's snapshot holds, and its deltas. */
export const PUBLIC_DATA = {
  market: { snapshot: MarketView, delta: MarketView },
  book: { snapshot: BookView, delta: BookView },
  trades: { snapshot: Type.Object({ latest: Type.Array(TradesView) }), delta: TradesView },
  results: { snapshot: Type.Object({ latest: Type.Array(SlotSummary) }), delta: SlotSummary },
  prices: {
    snapshot: Type.Object({ prices: Type.Array(PriceView) }),
    delta: Type.Object({ prices: Type.Array(PriceView) }),
  },
} as const;

/** What is said in private channels after the snapshot, by type. */
export const PRIVATE_MESSAGES = {
  "order.update": channelFrame("order.update", OrderView),
  transaction: channelFrame("transaction", TransactionView),
  position: channelFrame("position", PositionChange),
  bill: channelFrame("bill", BillView),
  account: channelFrame("account", AccountChange),
} as const;

/** What a private channel's snapshot holds: orders that stand, the latest slots, the account. */
export const PRIVATE_SNAPSHOT = {
  orders: Type.Object({ orders: Type.Array(OrderView) }),
  positions: Type.Object({ position: PartyPosition }),
  bills: Type.Object({ balance_nano: Amount }),
} as const;

/** Frames of channels that every channel has. */
export const CHANNEL_MESSAGES = {
  snapshot: channelFrame("snapshot", Type.Unknown()),
  delta: channelFrame("delta", Type.Unknown()),
  alarm: channelFrame("alarm", AlarmView),
  "channel.error": channelFrame("channel.error", ErrorBody),
} as const;
