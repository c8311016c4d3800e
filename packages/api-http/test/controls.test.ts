import { describe, expect, test } from "@jest/globals";
import { fail, ok, type Result } from "@micromarket/kernel";
import {
  ControlList,
  LiveEvent,
  Problem,
  StopAnswer,
  type ApiServer,
  type MarketReadModel,
  type ReadRefusal,
} from "@micromarket/api-http";
import { NOON } from "@micromarket/testkit";
import { controlList, controlNews } from "../src/control-view.ts";
import { ask, askJson, expectShape, serve, type Answer } from "./asking.ts";
import { HELD, LOCKED, MemoryDesk } from "./memory-desk.ts";
import { openStream } from "./stream-reader.ts";
import { street } from "./street.ts";

const JSON_BODY = { "content-type": "application/json" };
const TOKEN = "a-token-of-the-test";

/** Asks a route that does something. */
function tell(
  server: ApiServer,
  path: string,
  body: unknown = {},
  headers: Readonly<Record<string, string>> = {},
  method = "POST",
): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const length = { "content-length": String(Buffer.byteLength(text)) };
  return ask(server, `/api/v1${path}`, { ...JSON_BODY, ...length, ...headers }, { method, body: text });
}

function expectProblem({ status, text }: Answer, wanted: number, code: string): void {
  const problem: unknown = JSON.parse(text);
  expectShape(Problem, problem);
  expect([status, problem]).toMatchObject([wanted, { status: wanted, code }]);
}

const inAnHour = NOON + 3_600_000;
const dimming = { import_limit_w: 4_200, valid_until_ms: inAnHour };

describe("GET /controls", () => {
  test("tells every control, every home and the stop", async () => {
    const list = await askJson(await serve(street(), { controls: new MemoryDesk() }), "/controls");
    expectShape(ControlList, list);
    expect(list).toMatchObject({
      stopped: null,
      controls: [
        {
          ...{ device: HELD.device, capability: "limit_generation_w", locked: null, phase: "holding" },
          ...{ wanted: 5_000, allowed: 3_000, actual: 3_000, foreign: null, reverts_in_ms: 60_000 },
          ...{ writes_today: 7, writes_per_day_max: 24, since: "2026-07-01T11:00Z", reasons: HELD.reasons },
          last_event: { code: "VERIFIED", at: "2026-07-01T11:00Z" },
        },
        { device: LOCKED.device, locked: LOCKED.locked, foreign: 2_000, reverts_in_ms: null, last_event: null },
      ],
      limits: [
        { home: "home-1", import_limit_w: 17_000, export_limit_w: null, dimmed: null, measured_w: -310 },
        { home: "home-2" },
      ],
    });
  });
});

describe("the emergency stop", () => {
  test("reaches the desk, names who did it, and is reset", async () => {
    const desk = new MemoryDesk();
    const server = await serve(street(), { controls: desk });
    const stopped = await tell(server, "/controls/stop", { by: "Ada" });
    expectShape(StopAnswer, JSON.parse(stopped.text));
    expect([stopped.status, JSON.parse(stopped.text)]).toMatchObject([200, { stopped: { by: "Ada" } }]);
    expect(await askJson(server, "/controls")).toMatchObject({
      stopped: { by: "Ada" },
      controls: [{ phase: "stopped" }, {}],
    });
    expect((await tell(server, "/controls/stop", "")).status).toBe(200);
    const reset = await tell(server, "/controls/reset", { by: "Bo" });
    expect([reset.status, JSON.parse(reset.text)]).toEqual([200, { stopped: null }]);
    expectProblem(await tell(server, "/controls/reset"), 409, "NOT_STOPPED");
    expect(desk.asked).toEqual(["stop by Ada", "stop by the API", "reset by Bo"]);
  });

  test("works where the market's model fails altogether and all streams are taken", async () => {
    const market = street();
    let isBroken = false;
    const model = new Proxy<MarketReadModel>(market.model, {
      get: (target, name) => {
        if (isBroken) throw new Error("the market is gone");
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    const desk = new MemoryDesk();
    const errors: unknown[] = [];
    const options = {
      ...{ model, controls: desk, stream: { streamsMax: 1 } },
      onError: (error: unknown) => errors.push(error),
    };
    const server = await serve(market, options);
    const stream = await openStream(server);
    await stream.events(2);
    isBroken = true;
    expectProblem(await ask(server, "/api/v1/market"), 500, "INTERNAL");
    expectProblem(await ask(server, "/api/v1/events"), 503, "STREAMS_EXHAUSTED");
    expect((await tell(server, "/controls/stop", { by: "Ada" })).status).toBe(200);
    expect(await askJson(server, "/controls")).toMatchObject({ stopped: { by: "Ada" } });
    expect((await tell(server, "/controls/reset")).status).toBe(200);
    expect(desk.asked).toEqual(["stop by Ada", "reset by the API"]);
    expect(errors.length).toBeGreaterThan(0);
    isBroken = false;
  });

  test("that fails says so, and its cause to the operator only", async () => {
    const desk = new MemoryDesk();
    desk.trouble = new Error("relay at /dev/secret");
    const errors: unknown[] = [];
    const server = await serve(street(), { controls: desk, onError: (error) => errors.push(error) });
    const answer = await tell(server, "/controls/stop");
    expectProblem(answer, 500, "STOP_FAILED");
    expect(answer.text).not.toContain("secret");
    expect(errors).toEqual([desk.trouble]);
    expect(await askJson(server, "/controls")).toMatchObject({ stopped: { by: "the API" } });
  });
});

describe("release, dimming, reading", () => {
  test("what was done is in the answer", async () => {
    const desk = new MemoryDesk();
    const server = await serve(street(), { controls: desk });
    const released = await tell(server, `/controls/${encodeURIComponent(HELD.device)}/release`);
    expectShape(ControlList, JSON.parse(released.text));
    expect(JSON.parse(released.text)).toMatchObject({ controls: [{ phase: "released" }, { phase: "idle" }] });
    const dimmed = await tell(server, "/homes/home-1/dim", dimming);
    expectShape(ControlList, JSON.parse(dimmed.text));
    expect(JSON.parse(dimmed.text)).toMatchObject({
      limits: [{ dimmed: { import_limit_w: 4_200, until: "2026-07-01T13:00Z", until_ms: inAnHour } }, { dimmed: null }],
    });
    const undimmed = await ask(server, "/api/v1/homes/home-1/dim", {}, { method: "DELETE" });
    expect([undimmed.status, JSON.parse(undimmed.text)]).toMatchObject([200, { limits: [{ dimmed: null }, {}] }]);
    expect(desk.asked).toEqual([`release ${HELD.device}`, `dim home-1 to 4200 W until ${inAnHour}`, "undim home-1"]);
  });

  test("a device is read now", async () => {
    const read: string[] = [];
    const readDevice = (device: string): Promise<Result<null, ReadRefusal>> => {
      read.push(device);
      return Promise.resolve(
        device === "meter" ? ok(null) : fail({ code: "DEVICE_SILENT", detail: "no answer in 2 s" }),
      );
    };
    const server = await serve(street(), { readDevice });
    const done = await tell(server, "/devices/meter/read");
    expect([done.status, done.text]).toEqual([200, "{}"]);
    expectProblem(await tell(server, "/devices/other/read"), 502, "DEVICE_SILENT");
    expect(read).toEqual(["meter", "other"]);
  });
});

describe("refusals", () => {
  test.each<[string, unknown, number, string]>([
    ["/controls/nobody/release", {}, 404, "DEVICE_UNKNOWN"],
    ["/controls/home-2%20battery/release", {}, 409, "NOTHING_TO_RELEASE"],
    ["/controls/home-9%20lost/release", {}, 502, "RELEASE_FAILED"],
    ["/homes/nowhere/dim", dimming, 404, "HOME_UNKNOWN"],
    ["/homes/home-1/dim", { ...dimming, import_limit_w: 0 }, 422, "LIMIT_REFUSED"],
    ["/homes/home-1/dim", { ...dimming, valid_until_ms: 1 }, 422, "VALID_UNTIL_PASSED"],
    ["/homes/home-1/dim", { ...dimming, import_limit_w: null }, 400, "REQUEST_MALFORMED"],
    ["/homes/home-1/dim", { ...dimming, import_limit_w: "4200" }, 400, "REQUEST_MALFORMED"],
    ["/homes/home-1/dim", { ...dimming, import_limit_w: true }, 400, "REQUEST_MALFORMED"],
    ["/homes/home-1/dim", { ...dimming, import_limit_w: -1 }, 400, "REQUEST_MALFORMED"],
    ["/homes/home-1/dim", { ...dimming, import_limit_w: 4200.5 }, 400, "REQUEST_MALFORMED"],
    ["/homes/home-1/dim", { ...dimming, scope: "house" }, 400, "REQUEST_MALFORMED"],
    ["/homes/home-1/dim", { import_limit_w: 4_200 }, 400, "REQUEST_MALFORMED"],
    ["/homes/home-1/dim", "", 400, "REQUEST_MALFORMED"],
    ["/controls/stop", { by: "" }, 400, "REQUEST_MALFORMED"],
    ["/controls/stop", { by: "x".repeat(65) }, 400, "REQUEST_MALFORMED"],
    ["/controls/stop", "{", 400, "REQUEST_MALFORMED"],
    ["/controls/reset", {}, 409, "NOT_STOPPED"],
    ["/devices/meter/read", {}, 404, "READING_ABSENT"],
  ])("%s with %j: %i %s", async (path, body, status, code) => {
    const desk = new MemoryDesk();
    const server = await serve(street(), { controls: desk });
    expectProblem(await tell(server, path, body), status, code);
    if (status === 400) expect(desk.asked).toEqual([]);
  });

  test("what is not dimmed cannot be let go", async () => {
    const server = await serve(street(), { controls: new MemoryDesk() });
    const answer = (home: string) => ask(server, `/api/v1/homes/${home}/dim`, {}, { method: "DELETE" });
    expectProblem(await answer("home-1"), 409, "NOT_DIMMED");
    expectProblem(await answer("nowhere"), 404, "HOME_UNKNOWN");
  });

  test("without a desk every route says what to configure", async () => {
    const server = await serve(street());
    const answers = [
      await ask(server, "/api/v1/controls"),
      await tell(server, "/controls/stop"),
      await tell(server, "/controls/reset"),
      await tell(server, "/controls/meter/release"),
      await tell(server, "/homes/home-1/dim", dimming),
      await tell(server, "/homes/home-1/dim", "", {}, "DELETE"),
    ];
    for (const answer of answers) {
      expectProblem(answer, 404, "CONTROLS_ABSENT");
      expect(answer.text).toContain("`controls`");
    }
  });

  test.each([
    ["/controls", "GET, HEAD", ["POST", "DELETE"]],
    ["/controls/stop", "POST", ["GET", "HEAD", "PUT", "OPTIONS"]],
    ["/controls/reset", "POST", ["GET", "DELETE"]],
    ["/controls/meter/release", "POST", ["GET", "OPTIONS"]],
    ["/homes/home-1/dim", "POST, DELETE", ["GET", "PATCH", "OPTIONS"]],
    ["/devices/meter/read", "POST", ["GET", "OPTIONS"]],
  ])("%s has %s and no other method", async (path, allow, methods) => {
    const server = await serve(street(), { controls: new MemoryDesk() });
    for (const method of methods) {
      const { status, headers } = await ask(server, `/api/v1${path}`, {}, { method });
      expect([method, status, headers["allow"]]).toEqual([method, 405, allow]);
    }
  });
});

describe("another site's page", () => {
  test.each<[Readonly<Record<string, string>>, number, string]>([
    [{ "content-type": "text/plain" }, 415, "CONTENT_TYPE_UNSUPPORTED"],
    [{ "content-type": "application/x-www-form-urlencoded" }, 415, "CONTENT_TYPE_UNSUPPORTED"],
    [{ "content-type": "application/jsonp" }, 415, "CONTENT_TYPE_UNSUPPORTED"],
    [{ origin: "http://evil.example" }, 403, "ORIGIN_FORBIDDEN"],
    [{ origin: "null" }, 403, "ORIGIN_FORBIDDEN"],
    [{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, 403, "ORIGIN_FORBIDDEN"],
    [{ host: "evil.example" }, 403, "HOST_FORBIDDEN"],
  ])("that sends %j stops nothing", async (headers, status, code) => {
    const desk = new MemoryDesk();
    const server = await serve(street(), { controls: desk });
    for (const path of ["/controls/stop", "/controls/reset", "/homes/home-1/dim", "/controls/x/release"]) {
      expectProblem(await tell(server, path, dimming, headers), status, code);
    }
    expect(desk.asked).toEqual([]);
  });

  test("the gateway's own page may, and so may a program", async () => {
    const server = await serve(street(), { controls: new MemoryDesk() });
    const origin = server.url;
    expect((await tell(server, "/controls/stop", {}, { origin, host: new URL(origin).host })).status).toBe(200);
    expect((await tell(server, "/controls/stop")).status).toBe(200);
  });

  test("the token is asked for where one is set", async () => {
    const desk = new MemoryDesk();
    const server = await serve(street(), { controls: desk, access: { token: TOKEN } });
    const paths = ["/controls/stop", "/controls/reset", "/controls/x/release", "/homes/home-1/dim", "/devices/x/read"];
    for (const path of paths) {
      expectProblem(await tell(server, path), 401, "TOKEN_REQUIRED");
      expectProblem(await tell(server, path, {}, { authorization: "Bearer wrong" }), 401, "TOKEN_WRONG");
    }
    expectProblem(await ask(server, "/api/v1/controls"), 401, "TOKEN_REQUIRED");
    expectProblem(await tell(server, "/homes/home-1/dim", "", {}, "DELETE"), 401, "TOKEN_REQUIRED");
    expect(desk.asked).toEqual([]);
    expect((await tell(server, "/controls/stop", {}, { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
  });
});

describe("the live stream", () => {
  const controlsOf = (events: readonly { readonly data: LiveEvent }[]) =>
    events.flatMap(({ data }) => (data.type === "controls" ? [data.data] : []));

  test("begins with all controls and goes on with what has changed", async () => {
    const desk = new MemoryDesk();
    const server = await serve(street(), { controls: desk, stream: { controlsMs: 20 } });
    const stream = await openStream(server);
    const [, opening] = await stream.events(2);
    expect([opening?.type, opening?.id]).toEqual(["controls", undefined]);
    desk.controls = [{ ...HELD, actual: 2_900 }, LOCKED];
    await stream.events(3);
    desk.controls = [LOCKED];
    const events = await stream.events(4);
    for (const { data } of events) expectShape(LiveEvent, data);
    expect(controlsOf(events)).toMatchObject([
      { full: true, controls: [{ actual: 3_000 }, { device: LOCKED.device }], gone: [] },
      { full: false, controls: [{ device: HELD.device, actual: 2_900 }], gone: [] },
      { full: false, controls: [], gone: [{ device: HELD.device, capability: HELD.capability }] },
    ]);
  });

  test("a timer that runs on is no news, one that was set again is", () => {
    const desk = new MemoryDesk();
    const after = (revertsInMs: number | null, wallMs: number) => {
      desk.controls = [{ ...HELD, revertsInMs }, LOCKED];
      return { list: controlList(desk), wallMs };
    };
    const told = after(60_000, 1_000);
    expect(controlNews(told, after(50_000, 11_000))).toBeNull();
    expect(controlNews(told, after(49_000, 11_000))).toBeNull();
    expect(controlNews(told, after(0, 99_000))).toBeNull();
    expect(controlNews(told, after(60_000, 11_000))).toMatchObject({ controls: [{ reverts_in_ms: 60_000 }] });
    expect(controlNews(told, after(null, 11_000))).toMatchObject({ controls: [{ reverts_in_ms: null }] });
  });

  test("what is done through the API is told at once", async () => {
    const desk = new MemoryDesk();
    const server = await serve(street(), { controls: desk, stream: { controlsMs: 86_400_000 } });
    const stream = await openStream(server);
    await stream.events(2);
    await tell(server, `/controls/${encodeURIComponent(HELD.device)}/release`);
    await tell(server, "/controls/stop", { by: "Ada" });
    const told = controlsOf(await stream.events(4));
    expect(told.slice(1)).toMatchObject([
      { stopped: null, controls: [{ phase: "released" }] },
      { stopped: { by: "Ada" }, controls: [{ phase: "stopped" }, { phase: "stopped" }] },
    ]);
  });

  test("a desk that fails takes no stream with it; everything is told once it can say again", async () => {
    const desk = new MemoryDesk();
    desk.isSilent = true;
    const errors: unknown[] = [];
    const options = { controls: desk, stream: { controlsMs: 20 }, onError: (error: unknown) => errors.push(error) };
    const stream = await openStream(await serve(street(), options));
    expect((await stream.events(1)).map(({ type }) => type)).toEqual(["snapshot"]);
    expect(errors).not.toEqual([]);
    desk.isSilent = false;
    expect(controlsOf(await stream.events(2))).toMatchObject([{ full: true, controls: [{}, {}] }]);
  });

  test("a listener that comes back gets what it missed of the market, and all controls", async () => {
    const market = street();
    const server = await serve(market, { controls: new MemoryDesk() });
    const stream = await openStream(server, { "last-event-id": String(market.model.lastSequence()) });
    const events = await stream.events(1);
    expect(events.map(({ type }) => type)).toEqual(["controls"]);
    expect(controlsOf(events)).toMatchObject([{ full: true, controls: [{}, {}] }]);
  });
});
