/** Who goes first, who is there, whether the other still is. */
import { CLOSE_CODES, ERROR_CODES, SERVER_MESSAGES, SUBPROTOCOL } from "@micromarket/protocol";
import { check, expectSame, expectThat, type Check } from "./check.ts";
import { NotHere } from "./otherwise.ts";
import { faultOf } from "./frame-faults.ts";

export const SESSION_CHECKS: readonly Check[] = [
  check("socket/sub-protocol", `the server chooses ${SUBPROTOCOL}, which alone was offered`, async (lab) => {
    expectSame((await lab.open()).protocol, SUBPROTOCOL, "the sub-protocol");
  }),
  check(
    "socket/unknown-version",
    "who offers no version that is spoken is refused with 400 before the upgrade",
    async (lab) => {
      const opened = await lab.tryOpen(["micromarket.v999"]);
      expectThat("status" in opened, "the socket is opened");
      expectSame(opened.status, 400, "the status");
      expectThat(opened.body.includes("UNSUPPORTED_VERSION"), `the body is ${opened.body.slice(0, 200)}`);
    },
  ),
  check("hello/first", "hello comes first, before anything is asked", async (lab) => {
    expectSame((await lab.open()).frames[0]?.type, "hello", "the first frame");
  }),
  check("hello/complete", "hello has every field of its schema", async (lab) => {
    const [hello] = (await lab.open()).frames;
    const fault = faultOf(SERVER_MESSAGES.hello, JSON.parse(hello?.text ?? "null"));
    expectThat(fault === null, fault ?? "");
  }),
  check("hello/session", "each session has an id of its own", async (lab) => {
    const ids = [await lab.open(), await lab.open()].map(
      ({ frames }) => (frames[0]?.data as { session?: string }).session,
    );
    expectThat(ids[0] !== ids[1], `both sessions are called ${ids[0]}`);
  }),
  check("auth/required", "what is asked before signing in is an error AUTH_REQUIRED", async (lab) => {
    const client = await lab.open();
    skipWhereCertificate(client.frames[0]?.data);
    expectSame((await client.error("orders.list", { party: "nobody" }))["code"], "AUTH_REQUIRED", "the code");
  }),
  check("auth/wrong-token", "a wrong token is refused", async (lab) => {
    const client = await lab.open();
    skipWhereOpen(lab.init.credential);
    const frame = await client.ask("auth", { method: "bearer", token: "this-token-is-nobodys" });
    expectSame(frame.type, "error", "the answer");
  }),
  check("auth/close-code", "who is refused is closed with 4401", async (lab) => {
    const client = await lab.open();
    skipWhereOpen(lab.init.credential);
    skipWhereCertificate(client.frames[0]?.data);
    client.send("auth", { method: "bearer", token: "this-token-is-nobodys" });
    expectSame((await client.closed()).code, CLOSE_CODES.AUTH_FAILED, "the close code");
  }),
  check("auth/grants", "who signs in is told its name and what it may do", async (lab) => {
    const { data } = await lab.signIn(await lab.open());
    const { principal, grants } = data as { principal?: unknown; grants?: unknown };
    expectThat(typeof principal === "string" && Array.isArray(grants), `it is told ${JSON.stringify(data)}`);
  }),
  check("auth/again", "signing in once more on the same session is answered, and the session goes on", async (lab) => {
    const client = await lab.signedIn();
    await lab.signIn(client);
    await client.answer("session.state", {}, "session.state");
  }),
  check("auth/challenge-once", "a challenge's nonce is never told twice", async (lab) => {
    const client = await lab.open();
    const one = await client.answer("auth.challenge", {}, "auth.challenge");
    const other = await client.answer("auth.challenge", {}, "auth.challenge");
    expectThat(one["nonce"] !== other["nonce"], "both challenges have one nonce");
    expectSame(one["purpose"], "micromarket/auth/v1", "the purpose");
  }),
  check("auth/challenge-wrong", "an answer that nobody has signed is refused", async (lab) => {
    const client = await lab.open();
    const { nonce } = await client.answer("auth.challenge", {}, "auth.challenge");
    const key = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
    const answer = { method: "challenge", key, nonce, signature: "00".repeat(64) };
    expectSame((await client.error("auth", answer))["class"], "access", "the class");
  }),
  check(
    "liveness/heartbeat",
    "a heartbeat comes as often as hello says, with the last seq of each channel",
    async (lab) => {
      const client = await lab.signedIn();
      await client.answer("subscribe", { ch: "results" }, "subscribed");
      const from = client.frames.length;
      const beat = await client.frame(({ type }) => type === "heartbeat", "a heartbeat", from);
      const { last } = beat.data as { last?: Record<string, unknown> };
      expectThat(typeof last?.["results"] === "number", `it says ${JSON.stringify(beat.data)}`);
    },
  ),
  check("liveness/pong", "a ping of the client is answered by a pong", async (lab) => {
    const client = await lab.open();
    client.ping();
    await client.until(() => client.pongs > 0, "a pong");
  }),
  check("liveness/test", "test is answered by test.answer with the same text", async (lab) => {
    const client = await lab.open();
    expectSame(
      await client.answer("test", { text: "are you there?" }, "test.answer"),
      { text: "are you there?" },
      "the answer",
    );
  }),
  check("time/four-times", "time returns the client's own time between two of the server's, in order", async (lab) => {
    const client = await lab.open();
    const t0 = Date.now();
    const times = await client.answer("time", { t0_ms: t0 }, "time");
    const { t0_ms: back, t1_ms: received, t2_ms: sent } = times as Record<string, number>;
    expectSame(back, t0, "t0_ms");
    expectThat(received !== undefined && sent !== undefined && received <= sent, `t1_ms is ${received}, t2_ms ${sent}`);
  }),
  check(
    "session/state",
    "session.state names the principal, the channels and what is left of each limit",
    async (lab) => {
      const client = await lab.signedIn();
      await client.answer("subscribe", { ch: "prices" }, "subscribed");
      const state = await client.answer("session.state", {}, "session.state");
      expectSame(state["channels"], ["prices"], "channels");
      const limits = (state["limits"] as { name: string }[]).map(({ name }) => name);
      expectThat(limits.includes("cancels"), `limits are ${limits.join(", ")}`);
    },
  ),
  check("session/configure", "cancel_on_disconnect is confirmed, and told by session.state", async (lab) => {
    const client = await lab.signedIn();
    const wanted = { grace_ms: 600_000 };
    const told = await client.answer("session.configure", { cancel_on_disconnect: wanted }, "session.configured");
    expectSame(told["cancel_on_disconnect"], wanted, "cancel_on_disconnect");
    const state = await client.answer("session.state", {}, "session.state");
    expectSame(state["cancel_on_disconnect"], wanted, "cancel_on_disconnect of session.state");
    await client.answer("session.configure", { cancel_on_disconnect: null }, "session.configured");
  }),
  check("errors/known-class", "each error's class and retryable are those of its code", async (lab) => {
    const client = await lab.signedIn();
    const errors = [
      await client.error("order.get", { party: await lab.party(), client_order_id: lab.id() }),
      await client.error("subscribe", { ch: "weather" }),
      await client.error("unsubscribe", { ch: "results" }),
    ];
    for (const { code, class: kind, retryable } of errors) {
      const known = Object.entries(ERROR_CODES).find(([name]) => name === code)?.[1];
      expectThat(known !== undefined, `the code ${JSON.stringify(code)} is not in the list`);
      expectSame([kind, retryable], [known.class, known.retryable], `class and retryable of ${String(code)}`);
    }
  }),
];

function skipWhereCertificate(hello: unknown): void {
  if ((hello as { principal?: unknown }).principal !== null) throw new NotHere("the certificate has said who is there");
}

/** A server without principals and token lets everybody in. */
function skipWhereOpen({ kind }: { readonly kind: string }): void {
  if (kind === "ticket") throw new NotHere("the server lets everybody in");
}
