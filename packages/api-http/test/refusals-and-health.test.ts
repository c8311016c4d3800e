import { connect } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { instantMs, missing } from "@micromarket/kernel";
import { createReadModel, Health, Problem } from "@micromarket/api-http";
import { NOON } from "@micromarket/testkit";
import { ask, expectShape, serve } from "./asking.ts";
import { RULES, slotNo, street, tradedStreet } from "./street.ts";

const HEADERS = { "content-type": "text/xml", "content-length": "1" };

describe("refusals", () => {
  test.each<[string, number, string]>([
    ["/slots?from=yesterday", 400, "INSTANT_MALFORMED"],
    ["/slots?to=2026-02-30T12:00Z", 400, "INSTANT_MALFORMED"],
    ["/slots?limit=0", 400, "REQUEST_MALFORMED"],
    ["/slots?limit=673", 400, "REQUEST_MALFORMED"],
    ["/slots?limit=many", 400, "REQUEST_MALFORMED"],
    ["/slots?from=2026-07-01T12:00Z&from=2026-07-01T13:00Z", 400, "REQUEST_MALFORMED"],
    ["/slots?since=2026-07-01T12:00Z", 400, "REQUEST_MALFORMED"],
    ["/slots/noon", 400, "INSTANT_MALFORMED"],
    ["/slots/2026-07-01T12:01Z", 404, "SLOT_UNKNOWN"],
    ["/slots/2026-07-01T11:45Z", 404, "SLOT_UNKNOWN"],
    ["/slots/2026-07-01T13:00Z", 404, "SLOT_NOT_CLEARED"],
    ["/slots/2026-07-01T13:00Z/book", 404, "SLOT_NOT_CLEARED"],
    ["/parties/nobody/position", 404, "PARTY_UNKNOWN"],
    ["/parties/nobody/statement", 404, "PARTY_UNKNOWN"],
    ["/parties/anne/statement?from=x", 400, "INSTANT_MALFORMED"],
    ["/parties/anne", 404, "NOT_FOUND"],
    ["/nothing", 404, "NOT_FOUND"],
    ["/parties/%zz/position", 400, "REQUEST_MALFORMED"],
  ])("%s: %i %s", async (path, status, code) => {
    const answer = await ask(await serve(tradedStreet()), `/api/v1${path}`);
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
    const problem: unknown = JSON.parse(answer.text);
    expectShape(Problem, problem);
    expect([answer.status, problem]).toMatchObject([status, { status, code }]);
  });

  test.each(["/api/v1/market", "/api/v1/slots/2026-07-01T12:00Z", "/api/v1/health", "/metrics"])(
    "%s can only be read, and says so",
    async (path) => {
      const server = await serve(tradedStreet());
      for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        const { status, headers, text } = await ask(server, path, HEADERS, { method, body: "<" });
        expect([status, headers["allow"], JSON.parse(text)]).toMatchObject([
          405,
          "GET, HEAD",
          { code: "METHOD_NOT_ALLOWED" },
        ]);
      }
      const head = await ask(server, path, {}, { method: "HEAD" });
      expect([head.status, head.text]).toEqual([200, ""]);
    },
  );

  test("a stream has no HEAD, and a path that is not there no method", async () => {
    const server = await serve(street());
    const head = await ask(server, "/api/v1/events", {}, { method: "HEAD" });
    expect([head.status, head.headers["allow"]]).toEqual([405, "GET"]);
    const post = await ask(server, "/api/v1/nothing", {}, { method: "POST" });
    expect([post.status, JSON.parse(post.text)]).toMatchObject([404, { code: "NOT_FOUND" }]);
  });

  test("a large body is refused", async () => {
    const body = JSON.stringify("x".repeat(70_000));
    const headers = { "content-type": "application/json", "content-length": String(body.length) };
    const large = await ask(await serve(street()), "/api/v1/nothing", headers, { method: "POST", body });
    expect([large.status, JSON.parse(large.text)]).toMatchObject([413, { code: "BODY_TOO_LARGE" }]);
  });

  test.each([
    [
      "GET /api/v1/parties/%zz/position HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      400,
      "REQUEST_MALFORMED",
    ],
    [`GET /health HTTP/1.1\r\nHost: localhost\r\nX-Large: ${"x".repeat(20_000)}\r\n\r\n`, 431, "HEADERS_TOO_LARGE"],
    [`GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431, "HEADERS_TOO_LARGE"],
    ["GET /health HTTP/1.1\r\nConnection: close\r\n\r\n", 403, "HOST_FORBIDDEN"],
    ["GET /health HTTP/1.0\r\n\r\n", 403, "HOST_FORBIDDEN"],
    ["\u0001\u0002\u0003\r\n\r\n", 400, "REQUEST_MALFORMED"],
  ])(
    "bytes %# that are no request get a problem with the security headers, and no more",
    async (bytes, status, code) => {
      const server = await serve(street());
      const { port, hostname } = new URL(server.url);
      const socket = connect(Number(port), hostname);
      let text = "";
      socket.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      socket.write(bytes);
      await new Promise((resolve) => socket.on("close", resolve));
      const [head = "", body = "{}"] = text.split("\r\n\r\n");
      expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(head).toMatch(/^content-type: application\/problem\+json/im);
      expect(head).toMatch(/^x-content-type-options: nosniff/im);
      expect(head).toMatch(/^cache-control: no-store/im);
      expect(JSON.parse(body)).toMatchObject({ status, code });
      expect((await ask(server, "/health")).status).toBe(200);
    },
  );

  test("an error inside is told generically, and its cause to the operator only", async () => {
    const market = street();
    const secret = new Error("the disk at /secret/place is on fire");
    const heard: unknown[] = [];
    const broken = new Proxy(market.model, {
      get: (model, name) => {
        if (name === "parties") throw secret;
        const value: unknown = Reflect.get(model, name, model);
        return typeof value === "function" ? (value.bind(model) as unknown) : value;
      },
    });
    const server = await serve({ model: broken, clock: market.clock }, { onError: (error) => heard.push(error) });
    const { status, text } = await ask(server, "/api/v1/parties");
    expect([status, JSON.parse(text)]).toMatchObject([500, { code: "INTERNAL" }]);
    expect(text).not.toMatch(/secret|fire|at /);
    expect(heard).toEqual([secret]);
  });
});

describe("GET /health", () => {
  test.each(["/health", "/api/v1/health"])("%s has a named check for each part", async (path) => {
    const market = street();
    const { status, text } = await ask(await serve(market), path);
    expectShape(Health, JSON.parse(text));
    expect([status, JSON.parse(text)]).toMatchObject([
      200,
      {
        status: "pass",
        version: "1.2.3",
        checks: ["market-loop", "store", "clock", "devices"].map((name) => ({ name, status: "pass" })),
      },
    ]);
  });

  test("gates that were due while the market was down are not overdue after its restart", async () => {
    const longAgo = instantMs(NOON - 86_400_000);
    const statusOf = async (init: {
      readonly since: typeof longAgo;
      readonly runningSince?: typeof longAgo;
    }): Promise<number> => (await ask(await serve(street(init)), "/health")).status;
    expect(await statusOf({ since: longAgo })).toBe(503);
    expect(await statusOf({ since: longAgo, runningSince: instantMs(NOON - 3_600_000) })).toBe(200);
  });

  test("a market loop that stands still, a broken store and a bad clock are 503; a silent device is a warning", async () => {
    const market = street();
    const at = market.clock.now();
    market.model.observe(
      { device: "meter", readings: [{ point: "power_w", value: missing("device-silent"), at }] },
      at,
    );
    let store = "pass" as "pass" | "fail";
    const probes = {
      store: () => ({ status: store, detail: "store" }),
      clock: () => {
        if (market.clock.now() < at) throw new Error("no clock");
        return { status: "pass" as const, detail: "clock" };
      },
    };
    const server = await serve(market, { probes });
    const statuses = async (): Promise<unknown> => {
      const { status, text } = await ask(server, "/health");
      return [status, ...(JSON.parse(text) as Health).checks.map((check) => check.status)];
    };
    expect(await statuses()).toEqual([200, "pass", "pass", "pass", "warn"]);
    store = "fail";
    expect(await statuses()).toEqual([503, "pass", "fail", "pass", "warn"]);
    store = "pass";
    market.clock.set(instantMs(at - 1));
    expect(await statuses()).toEqual([503, "pass", "pass", "fail", "warn"]);
    market.clock.set(NOON); // the gate of 11:15 closed at 11:10 and nobody came
    expect(await statuses()).toEqual([503, "fail", "pass", "pass", "warn"]);
  });

  test("a node that was away for days is not blamed for the gates of that time, only for the next one", async () => {
    const { state, clock } = tradedStreet();
    const since = slotNo(500).startMs;
    const market = { model: createReadModel({ rules: RULES, since, state }), clock };
    const server = await serve(market);
    clock.set(since);
    expect((await ask(server, "/health")).status).toBe(200);
    clock.set(slotNo(502).startMs);
    expect((await ask(server, "/health")).status).toBe(503);
  });
});
