/** Faults that a broken server may have, one at a time, and the check that must name each. */
import {
  fromClient,
  fromServer,
  overHttp,
  saying,
  withData,
  without,
  type Changed,
  type Frame,
  type PlantedFault,
} from "./fault-plans.ts";
import { ORDER_FAULTS } from "./planted-order-faults.ts";
import type { ProxyPlan } from "./socket-proxy.ts";

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
