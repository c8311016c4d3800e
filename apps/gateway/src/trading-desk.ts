/** The desk at which strangers trade: the same writer as the house's own agents, without the house's signature. */
import type { TradingOptions } from "@micromarket/api-http";
import type { Desk } from "./desk.ts";
import type { OrderKeeper } from "./order-keeper.ts";
import type { MarketNode } from "@micromarket/engine";

/** What the API trades with; empty where there is no archive of orders to tell what became of them. */
export function tradingAt(
  node: MarketNode,
  { bare, own }: { readonly bare: Desk; readonly own: Desk },
  orders: OrderKeeper,
  isTrading: () => boolean,
): { readonly trading?: TradingOptions } {
  const { archive } = orders;
  if (archive === null) return {};
  return {
    trading: {
      desk: {
        rules: node.state.rules,
        archive,
        isTrading: () => isTrading() && orders.archive !== null,
        submit: (commands) => bare.submit(commands),
        direct: (commands) => own.submit(commands),
      },
    },
  };
}
