/** Faults with orders, one at a time, and the check that must name each. */
import { decodeBatch, encodeBatchAnswer } from "@micromarket/protocol";
import { fromClient, saying, withData, without, type Frame, type PlantedFault } from "./fault-plans.ts";
import type { LinkPlan, ProxyPlan } from "./socket-proxy.ts";

/** Answers an `EiCreateTender` as if it had been placed. */
function acknowledged({ id, data }: Frame): object {
  const response = {
    responseCode: 200,
    responseDescription: "",
    refId: "r",
    createdDateTime: "2026-07-01T12:00Z",
    code: "OK",
  };
  const { tenderId } = (data["tender"] as { tenderId: string }[])[0] ?? { tenderId: "" };
  const tenders = [{ tenderId, marketOrderId: "1/0", state: "open", response }];
  return {
    ...{ type: "EiCreatedTender", id, ts: 0 },
    data: {
      ...{ inResponseTo: data["requestId"], partyId: data["partyId"], counterPartyId: "supplier", response },
      ...{ tenderId, marketOrderId: "1/0", tenders, duplicate: false },
    },
  };
}

/** Changes the details of the tenders of an `EiCreateTender`. */
function tendered(change: (detail: Record<string, number>) => Record<string, number>): () => ProxyPlan {
  return fromClient((frame) => {
    if (frame.type !== "EiCreateTender") return frame;
    const tender = frame.data["tender"] as { tenderDetail: Record<string, number> }[];
    const changed = tender.map((each) => ({
      ...each,
      tenderDetail: { ...each.tenderDetail, ...change(each.tenderDetail) },
    }));
    return withData(frame, { tender: changed });
  });
}

/** Orders that are lost, doubled or changed. */
export const ORDER_FAULTS: readonly PlantedFault[] = [
  {
    fault: "an order is acknowledged and swallowed",
    check: "orders/acknowledged-is-there",
    plan: fromClient((frame, link) => {
      if (frame.type !== "EiCreateTender") return frame;
      link.toClient(JSON.stringify(acknowledged(frame)));
      return null;
    }),
  },
  {
    fault: "another quantity is placed",
    check: "orders/as-asked",
    plan: tendered(({ quantity = 0 }) => ({ quantity: quantity * 10 })),
  },
  {
    fault: "another price is placed",
    check: "orders/same-over-http",
    plan: tendered(({ price = 0 }) => ({ price: price + 1_000 })),
  },
  {
    fault: "a repeated request is not told as one",
    check: "orders/duplicate",
    plan: saying("EiCreatedTender", (frame) => withData(frame, { duplicate: false })),
  },
  {
    fault: "a repeated request is placed again",
    check: "orders/once",
    plan: () => {
      let count = 0;
      return fromClient((frame) => {
        if (frame.type !== "EiCreateTender" || (count += 1) === 1) return frame;
        const tender = frame.data["tender"] as { tenderId: string }[];
        return withData(frame, { tender: tender.map((each) => ({ ...each, tenderId: `${each.tenderId}.${count}` })) });
      })();
    },
  },
  {
    fault: "an id may be used again",
    check: "orders/id-reused",
    plan: saying("EiCreatedTender", (frame) => withData(frame, { response: { responseCode: 200 } })),
  },
  {
    fault: "a part of a refused whole is placed",
    check: "orders/all-or-none",
    plan: fromClient((frame) => (frame.type === "EiCreateTender" ? withData(frame, { partial: true }) : frame)),
  },
  {
    fault: "a gate that has closed is another matter",
    check: "orders/gate-closed",
    plan: saying("EiCreatedTender", (frame) =>
      withData(frame, { response: { ...(frame.data["response"] as object), responseCode: 404, code: "SLOT_UNKNOWN" } }),
    ),
  },
  {
    fault: "a cancel is acknowledged and swallowed",
    check: "orders/cancel",
    plan: fromClient((frame, link) => {
      if (frame.type !== "EiCancelTender") return frame;
      const told = [{ cancelReason: "REQUESTED", marketOrderId: "1/0", remainingQuantity: 100, success: true }];
      link.toClient(
        JSON.stringify({ type: "EiCanceledTender", id: frame.id, ts: 0, data: { eiCanceledResponse: told } }),
      );
      return null;
    }),
  },
  {
    fault: "a cancel of what has ended succeeds",
    check: "orders/cancel-final",
    plan: saying("EiCanceledTender", (frame) => {
      const told = frame.data["eiCanceledResponse"] as object[];
      return withData(frame, {
        eiCanceledResponse: told.map((each) => ({ ...each, success: true, remainingQuantity: 100 })),
      });
    }),
  },
  {
    fault: "a batch is acknowledged and swallowed",
    check: "batch/rows-are-there",
    plan: () => ({
      link: (link): LinkPlan => ({
        fromClient: (data) => {
          if (typeof data === "string") return link.toServer(data);
          const read = decodeBatch(data);
          if (!read.ok) return link.toServer(data);
          const { requestId, prices } = read.value;
          const answer = { requestId, rows: prices.length, status: 200, refusedRow: null, code: "OK", entry: 1 };
          link.toClient(Buffer.from(encodeBatchAnswer(answer)));
        },
      }),
    }),
  },
  {
    fault: "a batch is not answered",
    check: "batch/placed",
    plan: () => ({
      link: (link): LinkPlan => ({ fromServer: (data) => void (typeof data === "string" && link.toClient(data)) }),
    }),
  },
  {
    fault: "a position of another interval",
    check: "cts/position",
    plan: saying("EiReplyPosition", (frame) => ({ ...frame, data: without(frame.data, "boundingInterval") })),
  },
  {
    fault: "a tender is told at another price",
    check: "cts/open-tenders",
    plan: saying("EiReplyTender", (frame) => {
      const tenders = frame.data["tenders"] as { readonly tenderDetail: object }[];
      return withData(frame, {
        tenders: tenders.map((each) => ({ ...each, tenderDetail: { ...each.tenderDetail, price: 0 } })),
      });
    }),
  },
];
