/** Everything by which a market is traded from outside, as one thing that the server starts and stops. */
import type { Moment } from "../moment.ts";
import type { AdministeredRegistry } from "../access/memory-registry.ts";
import type { IndicativeSource } from "../open-slot.ts";
import type { MarketReadModel } from "../read-model.ts";
import { OrdersLeft } from "./abandoned-orders.ts";
import { CtsService } from "./cts-service.ts";
import { OrderService } from "./order-service.ts";
import { PublicChannels, type LevelSource } from "./public-channels.ts";
import { ReferenceSubscriptions } from "./reference-subscriptions.ts";
import type { SessionContext, SocketCounts } from "./session-context.ts";
import { SocketHub } from "./socket-hub.ts";
import { SOCKET_LIMITS, type SocketLimits } from "./socket-limits.ts";
import type { TradingDesk } from "./trading-desk.ts";

/** What is configured of it. */
export interface TradingOptions {
  readonly desk: TradingDesk;
  /** The levels of open books, where the market shows them. @default they are not shown */
  readonly levels?: LevelSource;
  /** The name that clients sign challenges for. @default "micromarket" */
  readonly server?: string;
  /** @default SOCKET_LIMITS */
  readonly limits?: Partial<SocketLimits>;
}

/** What the server knows. */
export interface TradingInit extends TradingOptions {
  readonly model: MarketReadModel;
  readonly moment: () => Moment;
  readonly registry: AdministeredRegistry;
  readonly indicative: IndicativeSource | undefined;
  readonly version: string;
  readonly count: SocketCounts;
  readonly onError: (error: unknown) => void;
}

/** A running one. */
export interface TradingService {
  readonly context: SessionContext;
  readonly hub: SocketHub;
}

/** Starts it; it ends with `hub.close`. */
export function startTrading(init: TradingInit): TradingService {
  const { desk, model, moment, registry, indicative, levels, version, count, onError } = init;
  const limits = { ...SOCKET_LIMITS, ...init.limits };
  const orders = new OrderService(desk, () => moment().now);
  const channels = new PublicChannels(model, moment, indicative, levels);
  const endpoints = { trade: "/api/v1/cts", subscription: "/api/v1/ws" };
  const references = new ReferenceSubscriptions({ desk, model, moment, endpoints });
  const cts = new CtsService({ desk, model, moment, references });
  const left = new OrdersLeft(orders, onError);
  const context: SessionContext = {
    ...{ desk, orders, cts, channels, model, moment, registry, limits, version, count, onError },
    server: init.server ?? "micromarket",
    wallNow: () => Date.now(),
    abandoned: left,
  };
  return { context, hub: new SocketHub({ context, left, references }) };
}
