/** Faults that a broken server may have, one at a time, and the check that must name each. */
import { decodeBatch, encodeBatchAnswer, type AnyFrame } from "@micromarket/protocol";
import type { HttpReply, Link, LinkPlan, ProxyPlan } from "./socket-proxy.ts";

/** A fault, and the check that names it. */
export interface PlantedFault {
  readonly fault: string;
  readonly check: string;
  /** A plan of its own for each run: some count. */
  readonly plan: () => ProxyPlan;
}

interface Frame extends Omit<AnyFrame, "data"> {
  readonly data: Record<string, unknown>;
}

/** What is sent in a frame's place: nothing, one, or several. */
type Changed = object | readonly object[] | null;

function sent(link: Link, changed: Changed): void {
  const all: readonly object[] = changed === null ? [] : Array.isArray(changed) ? (changed as object[]) : [changed];
  for (const frame of all) link.toClient(JSON.stringify(frame));
}

/** Changes text frames of the server. */
function fromServer(change: (frame: Frame, link: Link) => Changed): () => ProxyPlan {
  return () => ({
    link: (link): LinkPlan => ({
      fromServer: (data) => {
        if (typeof data === "string") sent(link, change(JSON.parse(data) as Frame, link));
        else link.toClient(data);
      },
    }),
  });
}

/** Changes what the server says of that type. */
function saying(type: string, change: (frame: Frame, link: Link) => Changed): () => ProxyPlan {
  return fromServer((frame, link) => (frame.type === type ? change(frame, link) : frame));
}

/** Changes text frames of the client; `null`: the server never gets them. */
function fromClient(change: (frame: Frame, link: Link) => object | null): () => ProxyPlan {
  return () => ({
    link: (link): LinkPlan => ({
      fromClient: (data) => {
        if (typeof data !== "string" || !data.startsWith("{") || data.length < 10) return link.toServer(data);
        const changed = change(JSON.parse(data) as Frame, link);
        if (changed !== null) link.toServer(JSON.stringify(changed));
      },
    }),
  });
}

/** Changes answers over HTTP. */
function overHttp(change: (reply: HttpReply, path: string) => HttpReply): () => ProxyPlan {
  return () => ({ http: ({ path }, reply) => change(reply, path) });
}

function withData(frame: Frame, data: Record<string, unknown>): object {
  return { ...frame, data: { ...frame.data, ...data } };
}

/** The frame without a field. */
function without(frame: object, name: string): object {
  return Object.fromEntries(Object.entries(frame).filter(([each]) => each !== name));
}

const SESSION_FAULTS: readonly PlantedFault[] = [
  {
    fault: "no sub-protocol is chosen",
    check: "socket/sub-protocol",
    plan: () => ({ protocol: () => false }),
  },
  {
    fault: "every version is taken",
    check: "socket/unknown-version",
    plan: () => ({ offer: () => ["micromarket.v1"], protocol: () => "micromarket.v999" }),
  },
  {
    fault: "something is said before hello",
    check: "hello/first",
    plan: saying("hello", (frame) => [{ type: "heartbeat", ts: 0, data: { last: {}, market_ms: 0 } }, frame]),
  },
  {
    fault: "hello never comes",
    check: "hello/first",
    plan: saying("hello", () => null),
  },
  {
    fault: "hello does not say its units",
    check: "hello/complete",
    plan: saying("hello", (frame) => ({ ...frame, data: without(frame.data, "units") })),
  },
  {
    fault: "all sessions have one id",
    check: "hello/session",
    plan: saying("hello", (frame) => withData(frame, { session: "the-session" })),
  },
  {
    fault: "strangers are answered",
    check: "auth/required",
    plan: saying("error", (frame) =>
      frame.data["code"] === "AUTH_REQUIRED" ? { ...frame, type: "orders", data: { orders: [], next: null } } : frame,
    ),
  },
  {
    fault: "a wrong token is taken",
    check: "auth/wrong-token",
    plan: saying("error", (frame) =>
      frame.data["code"] === "AUTH_FAILED"
        ? { ...frame, type: "authenticated", data: { principal: "annes-bot", grants: [], expires_ms: null } }
        : frame,
    ),
  },
  {
    fault: "who is refused is closed with another code",
    check: "auth/close-code",
    plan: () => ({ link: (link) => ({ closedByServer: () => link.closeClient(1000, "") }) }),
  },
  {
    fault: "a nonce is told twice",
    check: "auth/challenge-once",
    plan: saying("auth.challenge", (frame) => withData(frame, { nonce: "always-the-same" })),
  },
  {
    fault: "no heartbeat",
    check: "liveness/heartbeat",
    plan: saying("heartbeat", () => null),
  },
  {
    fault: "no pong",
    check: "liveness/pong",
    plan: () => ({ answersPings: false }),
  },
  {
    fault: "test is not answered",
    check: "liveness/test",
    plan: saying("test.answer", () => null),
  },
  {
    fault: "the answer to time was sent before it came",
    check: "time/four-times",
    plan: saying("time", (frame) => withData(frame, { t1_ms: Number(frame.data["t2_ms"]) + 1 })),
  },
  {
    fault: "cancel_on_disconnect is forgotten",
    check: "session/configure",
    plan: saying("session.state", (frame) => withData(frame, { cancel_on_disconnect: null })),
  },
  {
    fault: "an error's class is not that of its code",
    check: "errors/known-class",
    plan: saying("error", (frame) => withData(frame, { class: "server" })),
  },
];

const FRAME_FAULTS: readonly PlantedFault[] = [
  {
    fault: "an unknown type is passed over",
    check: "frames/unknown-type",
    plan: saying("error", (frame) => (frame.data["code"] === "UNKNOWN_TYPE" ? null : frame)),
  },
  {
    fault: "an unknown field is passed over",
    check: "frames/unknown-field",
    plan: fromClient((frame) => ({ ...frame, data: without(frame.data, "surplus") })),
  },
  {
    fault: "an answer without id",
    check: "answers/id",
    plan: saying("session.state", (frame) => without(frame, "id")),
  },
  {
    fault: "an answer comes twice",
    check: "answers/once",
    plan: saying("session.state", (frame) => [frame, frame]),
  },
  {
    fault: "an error without code",
    check: "errors/complete",
    plan: saying("error", (frame) => ({ ...frame, data: without(frame.data, "code") })),
  },
  {
    fault: "a fraction of a watt-hour",
    check: "frames/integers",
    plan: saying("order.update", (frame) => withData(frame, { remaining_wh: 99.5 })),
  },
  {
    fault: "a field of another form",
    check: "frames/schema",
    plan: saying("orders", (frame) => withData(frame, { next: 7 })),
  },
  {
    fault: "an instant an hour off its twin",
    check: "frames/instants",
    plan: saying("order", (frame) => withData(frame, { slot_ms: Number(frame.data["slot_ms"]) + 3_600_000 })),
  },
  {
    fault: "a frame that is too large is passed over",
    check: "limits/frame-bytes",
    plan: fromClient((frame) => (JSON.stringify(frame).length > 60_000 ? null : frame)),
  },
  {
    fault: "what cannot be read may come for ever",
    check: "limits/invalid-frames",
    plan: () => ({
      link: (link) => ({ fromClient: (data) => (data === "no JSON" ? undefined : link.toServer(data)) }),
    }),
  },
];

/** Counts the updates of orders on a connection. */
function countedUpdates(change: (frame: Frame, count: number) => Changed): () => ProxyPlan {
  return () => {
    let count = 0;
    return saying("order.update", (frame) => change(frame, (count += 1)))();
  };
}

const CHANNEL_FAULTS: readonly PlantedFault[] = [
  {
    fault: "no snapshot",
    check: "channels/snapshot",
    plan: saying("snapshot", () => null),
  },
  {
    fault: "one may subscribe twice",
    check: "channels/already-subscribed",
    plan: saying("error", (frame) =>
      frame.data["code"] === "ALREADY_SUBSCRIBED"
        ? { ...frame, type: "subscribed", data: { ch: "results", seq: 0, max_rate_ms: 0, epoch: null } }
        : frame,
    ),
  },
  {
    fault: "resync is passed over",
    check: "channels/resync",
    plan: fromClient((frame) => (frame.type === "resync" ? null : frame)),
  },
  {
    fault: "a checksum of something else",
    check: "book/checksum",
    plan: saying("snapshot", (frame) => {
      if (frame.ch !== "book") return frame;
      const slots = frame.data["slots"] as Record<string, unknown>[];
      return withData(frame, {
        slots: slots.map((each) => ({ ...each, checksum: each["checksum"] === null ? null : 1 })),
      });
    }),
  },
  {
    fault: "a number comes again",
    check: "channels/seq",
    plan: saying("order.update", (frame) => ({ ...frame, seq: frame.prev ?? 0 })),
  },
  {
    fault: "prev is missing",
    check: "channels/prev",
    plan: saying("order.update", (frame) => without(frame, "prev")),
  },
  {
    fault: "an update is lost",
    check: "channels/nothing-missing",
    plan: countedUpdates((frame, count) => (count === 1 ? null : frame)),
  },
  {
    fault: "an update is told twice",
    check: "channels/nothing-missing",
    plan: saying("order.update", (frame) => [frame, frame]),
  },
  {
    fault: "an order's state that there is not",
    check: "orders/state-known",
    plan: saying("order.update", (frame) => withData(frame, { state: "working" })),
  },
  {
    fault: "a revision stands still",
    check: "orders/revision",
    plan: saying("order.update", (frame) => withData(frame, { rev: 1 })),
  },
  {
    fault: "resume brings nothing",
    check: "resume/replays",
    plan: () => {
      const resumed = new Set<number>();
      return fromServer((frame, { number }) => {
        if (frame.type === "resumed") resumed.add(number);
        return frame.type === "order.update" && resumed.has(number) ? null : frame;
      })();
    },
  },
  {
    fault: "numbers of another epoch are taken for one's own",
    check: "resume/other-epoch",
    plan: fromClient((frame) => (frame.type === "resume" ? { ...frame, data: without(frame.data, "epoch") } : frame)),
  },
  {
    fault: "it shows that a party exists",
    check: "private/isolation",
    plan: saying("error", (frame) =>
      frame.data["code"] === "NOT_FOUND" ? withData(frame, { code: "FORBIDDEN", class: "access" }) : frame,
    ),
  },
];

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

const ORDER_FAULTS: readonly PlantedFault[] = [
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
];

const HTTP_FAULTS: readonly PlantedFault[] = [
  {
    fault: "HTTP tells another state than the socket",
    check: "http/order-equal",
    plan: overHttp((reply, path) =>
      path.includes("/orders/") ? { ...reply, body: reply.body.replace('"state":"open"', '"state":"filled"') } : reply,
    ),
  },
  {
    fault: "events over HTTP have other numbers",
    check: "http/events-equal",
    plan: overHttp((reply, path) =>
      path.includes("/events") ? { ...reply, body: reply.body.replaceAll('"seq":', '"seq":1') } : reply,
    ),
  },
  {
    fault: "a problem of another content type",
    check: "http/problem",
    plan: overHttp((reply) => ({ ...reply, headers: { ...reply.headers, "content-type": "application/json" } })),
  },
  {
    fault: "a problem without code",
    check: "http/problem-code",
    plan: overHttp((reply) => ({ ...reply, body: reply.body.replace(/"code":"[A-Z_]+",?/, "") })),
  },
  {
    fault: "a refusal with the status of success",
    check: "http/schema",
    plan: overHttp((reply, path) => (path.includes("/cts/") ? { ...reply, status: 200 } : reply)),
  },
];

export const FAULTS: readonly PlantedFault[] = [
  ...SESSION_FAULTS,
  ...FRAME_FAULTS,
  ...CHANNEL_FAULTS,
  ...ORDER_FAULTS,
  ...HTTP_FAULTS,
];
