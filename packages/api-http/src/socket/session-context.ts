/** What all sessions of a server share. */
import type { AdministeredRegistry } from "../access/memory-registry.ts";
import type { Moment } from "../moment.ts";
import type { MarketReadModel } from "../read-model.ts";
import type { CtsService } from "./cts-service.ts";
import type { OrderName } from "./answer.ts";
import type { OrderService } from "./order-service.ts";
import type { PublicChannels } from "./public-channels.ts";
import type { SocketLimits } from "./socket-limits.ts";
import type { TradingDesk } from "./trading-desk.ts";

/** What sessions work with. */
export interface SessionContext {
  readonly desk: TradingDesk;
  readonly orders: OrderService;
  readonly cts: CtsService;
  readonly channels: PublicChannels;
  readonly model: MarketReadModel;
  readonly moment: () => Moment;
  readonly registry: AdministeredRegistry;
  readonly limits: SocketLimits;
  /** The name that clients sign challenges for. */
  readonly server: string;
  readonly version: string;
  /** The wall clock, milliseconds. */
  readonly wallNow: () => number;
  readonly abandoned: AbandonedOrders;
  readonly count: SocketCounts;
  readonly onError: (error: unknown) => void;
}

/** Orders of sessions that are gone, until they are taken over or taken back. */
export interface AbandonedOrders {
  /** The orders are taken back in `graceMs`, unless somebody takes them over. */
  leave(session: string, principal: string, orders: readonly OrderName[], graceMs: number): void;
  /** The orders of the session, which belonged to the principal; `null`: there are none (any more). */
  takeOver(session: string, principal: string): readonly OrderName[] | null;
}

/** What metrics count of sockets. */
export interface SocketCounts {
  readonly opened: () => void;
  readonly closed: (code: number) => void;
  readonly slow: () => void;
  readonly refused: (code: string) => void;
  readonly received: (type: string) => void;
}
