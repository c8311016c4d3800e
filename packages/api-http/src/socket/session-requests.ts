/** Requests about orders and the market: each has its answer, or fails with what is told instead. */
import type { Answer, Identity, Speaker } from "./answer.ts";
import type { AnyClientMessage } from "./frame-check.ts";
import type { SessionContext } from "./session-context.ts";
import type { SessionOrders } from "./session-orders.ts";
import { refuseWith } from "./wire-failure.ts";

/** The answer to a request of somebody who is known. */
export async function answerRequest(
  { orders, cts }: SessionContext,
  session: Speaker & { readonly orders: SessionOrders },
  asker: Identity,
  message: AnyClientMessage,
): Promise<Answer> {
  switch (message.type) {
    case "EiCreateTender": {
      const placed = await orders.create(asker, message.data, (names) => session.orders.add(names));
      return { type: "EiCreatedTender", data: placed };
    }
    case "EiCancelTender":
      return { type: "EiCanceledTender", data: await orders.cancel(asker, message.data) };
    case "order.get":
      return { type: "order", data: orders.get(asker, message.data) };
    case "orders.list":
      return { type: "orders", data: orders.list(asker, message.data) };
    case "EiManageMarketReferenceData":
    case "EiManageSegmentReferenceData":
    case "EiManageSessionData":
    case "EiManageInstrumentData":
    case "EiManageTickerSubscription":
      return cts.manage(asker, message, session);
    default:
      return (await cts.answer(asker, message)) ?? refuseWith("UNKNOWN_TYPE", `"${message.type}" is not answered here`);
  }
}
