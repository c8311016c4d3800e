/** Frames: their form, their answers, what is said of those that are none. */
import { CLOSE_CODES, ERROR_CODES, SERVER_MESSAGES } from "@micromarket/protocol";
import { check, expectSame, expectThat, tradingCheck, type Check } from "./check.ts";
import { faultOf, fractionIn, frameFault, instantFault } from "./frame-faults.ts";
import type { Lab } from "./lab.ts";
import { brief, type HeardFrame } from "./raw-client.ts";

export const FRAME_CHECKS: readonly Check[] = [
  check(
    "frames/unknown-type",
    "a type that no client sends is an error UNKNOWN_TYPE with the request's id",
    async (lab) => {
      const client = await lab.signedIn();
      expectSame((await client.error("make.coffee", {}))["code"], "UNKNOWN_TYPE", "the code");
    },
  ),
  check(
    "frames/unknown-field",
    "a field that the schema does not have is BAD_SCHEMA, and path says which",
    async (lab) => {
      const client = await lab.signedIn();
      const { code, path } = await client.error("session.state", { surplus: 1 });
      expectSame([code, path], ["BAD_SCHEMA", "/data/surplus"], "code and path");
    },
  ),
  check("frames/no-json", "what is no JSON object is BAD_JSON, and the session goes on", async (lab) => {
    const client = await lab.signedIn();
    for (const text of ["{", "[]"]) {
      const from = client.frames.length;
      client.sendText(text);
      const frame = await client.frame(({ type }) => type === "error", "an error", from);
      expectSame((frame.data as { code?: unknown }).code, "BAD_JSON", `the code after ${text}`);
    }
    await client.answer("session.state", {}, "session.state");
  }),
  check("answers/id", "an answer carries the id of its request", async (lab) => {
    const client = await lab.signedIn();
    const from = client.frames.length;
    const id = client.send("session.state", {});
    const frame = await client.frame(({ type }) => type === "session.state", "session.state", from);
    expectSame(frame.id, id, "the id");
  }),
  check("answers/once", "a request is answered once", async (lab) => {
    const client = await lab.signedIn();
    const ids = [client.send("session.state", {}), client.send("time", { t0_ms: 0 })];
    await client.answer("test", {}, "test.answer"); // what was answered before this has come by now
    await client.answer("test", {}, "test.answer");
    for (const id of ids) {
      const answers = client.frames.filter((frame) => frame.id === id);
      expectThat(answers.length === 1, `there are ${answers.length} answers: ${answers.map(brief).join("; ")}`);
    }
  }),
  check("errors/complete", "an error has code, class, retryable and message", async (lab) => {
    const client = await lab.signedIn();
    const error = await client.ask("subscribe", { ch: "weather" });
    const fault = faultOf(SERVER_MESSAGES.error, JSON.parse(error.text));
    expectThat(fault === null, `${fault ?? ""} in ${error.text.slice(0, 200)}`);
  }),
  tradingCheck("frames/schema", "every frame holds what the schema of its type says", async (lab) => {
    for (const frame of await conversation(lab)) expectThat(frameFault(frame) === null, frameFault(frame) ?? "");
  }),
  tradingCheck("frames/integers", "no number is a fraction, or larger than a safe integer", async (lab) => {
    for (const { type, text } of await conversation(lab)) {
      const found = fractionIn(JSON.parse(text));
      expectThat(found === null, `${type}: ${found ?? ""}`);
    }
  }),
  tradingCheck("frames/instants", "an instant and its twin in milliseconds say the same", async (lab) => {
    for (const { type, text } of await conversation(lab)) {
      const found = instantFault(JSON.parse(text));
      expectThat(found === null, `${type}: ${found ?? ""}`);
    }
  }),
  check("limits/frame-bytes", "a frame larger than hello allows is closed with 1009", async (lab) => {
    const client = await lab.signedIn();
    const { limits } = client.frames[0]?.data as { limits: { frame_bytes_max: number } };
    client.sendText(JSON.stringify({ type: "test", id: "1", data: { text: "x".repeat(limits.frame_bytes_max) } }));
    expectSame((await client.closed()).code, CLOSE_CODES.TOO_BIG, "the close code");
  }),
  check(
    "limits/invalid-frames",
    "more frames that cannot be read than hello allows are closed with 4400",
    async (lab) => {
      const client = await lab.signedIn();
      const { limits } = client.frames[0]?.data as { limits: { invalid_per_minute_max: number } };
      for (let frame = 0; frame <= limits.invalid_per_minute_max; frame++) client.sendText("no JSON");
      expectSame((await client.closed()).code, CLOSE_CODES.BAD_PROTOCOL, "the close code");
    },
  ),
  check("limits/buckets", "hello names the buckets of limits, or none where nothing is counted", async (lab) => {
    const { limits } = (await lab.open()).frames[0]?.data as { limits: { buckets: { name: string }[] } };
    const names = limits.buckets.map(({ name }) => name);
    expectThat(names.length === 0 || names.includes("cancels"), `the buckets are ${names.join(", ")}`);
  }),
  check(
    "errors/order",
    "what is refused for several reasons is refused for the first of JSON, type, schema, access",
    async (lab) => {
      const client = await lab.open();
      const { code } = await client.error("make.coffee", { surplus: 1 });
      expectSame(code, "UNKNOWN_TYPE", "the code");
      expectThat(Object.hasOwn(ERROR_CODES, String(code)), "the code is not in the list");
    },
  ),
];

/** Every kind of frame that can be had at once. */
async function conversation(lab: Lab): Promise<readonly HeardFrame[]> {
  const client = await lab.signedIn();
  const party = await lab.party();
  const channels = [
    "market",
    "book",
    "trades",
    "results",
    "prices",
    `orders/${party}`,
    `positions/${party}`,
    `bills/${party}`,
  ];
  for (const ch of channels) {
    const from = client.frames.length;
    await client.answer("subscribe", { ch }, "subscribed");
    await client.frame((frame) => frame.type === "snapshot" && frame.ch === ch, `the snapshot of ${ch}`, from);
  }
  const { id } = await lab.place(client);
  await client.frame((frame) => frame.type === "order.update", "order.update");
  await client.answer("order.get", { party, client_order_id: id }, "order");
  await client.answer("orders.list", { party, limit: 3 }, "orders");
  await client.frame((frame) => frame.type === "heartbeat", "a heartbeat");
  return client.frames;
}
