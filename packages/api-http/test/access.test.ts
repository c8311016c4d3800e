import { describe, expect, test } from "@jest/globals";
import { startApi, startDiagnostic, TOKEN_LENGTH_MIN, type AccessOptions } from "@micromarket/api-http";
import { ask, closeAtEnd, optionsFor, serve } from "./asking.ts";
import { clear, slotNo, street } from "./street.ts";

const TOKEN = "correct horse battery".replaceAll(" ", "-");

async function answerTo(
  access: AccessOptions,
  headers: Readonly<Record<string, string>>,
  path = "/api/v1/market",
): Promise<readonly [number, unknown]> {
  const { status, text } = await ask(await serve(street(), { access }), path, headers);
  return [status, status === 200 ? null : (JSON.parse(text) as { code: unknown }).code];
}

describe("the Host header", () => {
  test.each<[string, AccessOptions, number]>([
    ["127.0.0.1", {}, 200],
    ["127.0.0.1:8080", {}, 200],
    ["localhost:1", {}, 200],
    ["LOCALHOST", {}, 200],
    ["[::1]:8080", {}, 200],
    ["evil.example", {}, 403],
    ["evil.example:8080", {}, 403],
    ["localhost.evil.example", {}, 403],
    ["127.0.0.1.evil.example", {}, 403],
    ["localhost@evil.example", {}, 403],
    ["192.168.1.7", {}, 403],
    ["market.example", { allowedHosts: ["market.example"] }, 200],
    ["Market.Example:443", { allowedHosts: ["market.example"] }, 200],
    ["evil.example", { allowedHosts: ["market.example"] }, 403],
    ["evil.example", { allowedHosts: ["market.example"], token: TOKEN }, 403],
    ["market.example", { token: TOKEN }, 200],
  ])("%s with %j: %i", async (host, access, status) => {
    const authorization = `Bearer ${TOKEN}`;
    const [found, code] = await answerTo(access, { host, authorization });
    expect([found, code]).toEqual([status, status === 200 ? null : "HOST_FORBIDDEN"]);
  });
});

describe("the Origin header", () => {
  const proxied = { allowedOrigins: ["https://market.example"] };
  test.each<[string, string, AccessOptions, number]>([
    ["http://localhost:8080", "localhost:8080", {}, 200],
    ["http://127.0.0.1:8080", "127.0.0.1:8080", {}, 200],
    ["http://localhost:9999", "localhost:8080", {}, 403],
    ["https://localhost:8080", "localhost:8080", {}, 403],
    ["http://evil.example", "localhost:8080", {}, 403],
    ["null", "localhost:8080", {}, 403],
    ["", "localhost:8080", {}, 403],
    ["https://market.example", "localhost:8080", proxied, 200],
    ["https://market.example.evil.example", "localhost:8080", proxied, 403],
    ["http://market.example", "localhost:8080", proxied, 403],
  ])("%j to %s with %j: %i", async (origin, host, access, status) => {
    const [found, code] = await answerTo(access, { host, origin });
    expect([found, code]).toEqual([status, status === 200 ? null : "ORIGIN_FORBIDDEN"]);
  });

  test("is looked at on every route, the stream included", async () => {
    const server = await serve(street());
    for (const path of ["/api/v1/events", "/api/v1/slots", "/metrics", "/health", "/nothing"]) {
      expect((await ask(server, path, { origin: "http://evil.example" })).status).toBe(403);
    }
  });
});

describe("what a browser says of the page that asks", () => {
  test.each<[string | undefined, string | undefined, string | undefined, number]>([
    ["same-origin", "cors", undefined, 200],
    ["none", "navigate", undefined, 200],
    ["cross-site", "navigate", undefined, 200],
    ["cross-site", "no-cors", undefined, 403],
    ["same-site", "no-cors", undefined, 403],
    ["cross-site", undefined, undefined, 403],
    ["cross-site", "cors", "https://market.example", 200],
    [undefined, undefined, undefined, 200],
  ])("site %s, mode %s, origin %s: %i", async (site, mode, origin, status) => {
    const headers = {
      ...(site === undefined ? {} : { "sec-fetch-site": site }),
      ...(mode === undefined ? {} : { "sec-fetch-mode": mode }),
      ...(origin === undefined ? {} : { origin }),
    };
    const [found, code] = await answerTo({ allowedOrigins: ["https://market.example"] }, headers, "/api/v1/market");
    expect([found, code]).toEqual([status, status === 200 ? null : "ORIGIN_FORBIDDEN"]);
  });
});

describe("the token", () => {
  test("is not taken from the address, where it would be kept in logs and histories", async () => {
    for (const name of ["token", "access_token", "authorization"]) {
      expect(await answerTo({ token: TOKEN }, {}, `/api/v1/market?${name}=${TOKEN}`)).toEqual([401, "TOKEN_REQUIRED"]);
    }
  });

  test.each<[Readonly<Record<string, string>>, number, string | null]>([
    [{}, 401, "TOKEN_REQUIRED"],
    [{ authorization: "" }, 401, "TOKEN_WRONG"],
    [{ authorization: "Bearer" }, 401, "TOKEN_WRONG"],
    [{ authorization: `Basic ${TOKEN}` }, 401, "TOKEN_WRONG"],
    [{ authorization: TOKEN }, 401, "TOKEN_WRONG"],
    [{ authorization: `Bearer ${TOKEN}x` }, 401, "TOKEN_WRONG"],
    [{ authorization: `Bearer ${TOKEN.slice(0, -1)}` }, 401, "TOKEN_WRONG"],
    [{ authorization: `Bearer ${TOKEN.toUpperCase()}` }, 401, "TOKEN_WRONG"],
    [{ authorization: `Bearer ${TOKEN}` }, 200, null],
    [{ authorization: `bearer ${TOKEN}` }, 200, null],
  ])("%j: %i %s", async (headers, status, code) => {
    expect(await answerTo({ token: TOKEN }, headers)).toEqual([status, code]);
  });

  test("is asked for on every route but health", async () => {
    const market = street();
    clear(market, slotNo(0));
    const server = await serve(market, { access: { token: TOKEN } });
    const routes = ["market", "slots", "slots/2026-07-01T12:00Z", "slots/2026-07-01T12:00Z/book", "devices", "parties"];
    const others = ["parties/anne/position", "parties/anne/statement", "events", "metrics", "nothing"];
    for (const route of [...routes, ...others].map((name) => `/api/v1/${name}`).concat("/metrics", "/nothing")) {
      for (const method of ["GET", "HEAD", "POST"]) {
        const { status, headers } = await ask(server, route, {}, { method });
        expect([route, method, status, headers["www-authenticate"]]).toEqual([route, method, 401, "Bearer"]);
      }
    }
    expect((await ask(server, "/health")).status).toBe(200);
    expect((await ask(server, "/api/v1/health")).status).toBe(200);
  });
});

describe("the start", () => {
  const short = "x".repeat(TOKEN_LENGTH_MIN - 1);
  test.each<[string, AccessOptions, string]>([
    ["0.0.0.0", {}, "TOKEN_NEEDED"],
    ["::", {}, "TOKEN_NEEDED"],
    ["192.168.1.7", {}, "TOKEN_NEEDED"],
    ["market.example", {}, "TOKEN_NEEDED"],
    ["127.0.0.1.evil.example", {}, "TOKEN_NEEDED"],
    ["0.0.0.0", { token: short }, "TOKEN_TOO_SHORT"],
    ["127.0.0.1", { token: "" }, "TOKEN_TOO_SHORT"],
    ["127.0.0.1", { token: "a token with spaces in it" }, "TOKEN_MALFORMED"],
    ["127.0.0.1", { token: "schlüssel-des-hauses" }, "TOKEN_MALFORMED"],
    ["127.0.0.1", { allowedHosts: ["market.example:8080"] }, "HOST_MALFORMED"],
    ["127.0.0.1", { allowedHosts: ["https://market.example"] }, "HOST_MALFORMED"],
    ["127.0.0.1", { allowedOrigins: ["market.example"] }, "ORIGIN_MALFORMED"],
    ["127.0.0.1", { allowedOrigins: ["https://market.example/"] }, "ORIGIN_MALFORMED"],
    ["127.0.0.1", { allowedOrigins: ["*"] }, "ORIGIN_MALFORMED"],
  ])("on %s with %j is refused: %s", async (host, access, code) => {
    const started = await startApi({ ...optionsFor(street()), host, access });
    expect(started).toMatchObject({ ok: false, error: { code, message: expect.stringMatching(/.{20}/) } });
  });

  test("on all addresses with a token is allowed", async () => {
    const server = await serve(street(), { host: "0.0.0.0", access: { token: TOKEN } });
    const local = { ...server, url: `http://127.0.0.1:${new URL(server.url).port}` };
    expect((await ask(local, "/api/v1/market", { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
  });

  test("on a taken port is refused", async () => {
    const first = await serve(street());
    const port = Number(new URL(first.url).port);
    const second = await startApi({ ...optionsFor(street()), port });
    expect(second).toMatchObject({ ok: false, error: { code: "ADDRESS_UNAVAILABLE" } });
    expect((await ask(first, "/health")).status).toBe(200);
  });
});

test("every answer carries the security headers and is not kept by caches", async () => {
  const server = await serve(street());
  for (const path of ["/api/v1/market", "/api/v1/nothing", "/health", "/metrics"]) {
    expect((await ask(server, path)).headers).toMatchObject({
      "content-security-policy": expect.stringContaining("default-src 'self'"),
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
      "cache-control": "no-store",
    });
  }
});

describe("diagnostic mode", () => {
  const error = "gateway.yaml:12:3: the tariff is missing";

  test("says what is wrong with the configuration, and nothing else works", async () => {
    const started = await startDiagnostic({ port: 0, version: "1.2.3", error });
    if (!started.ok) throw new Error(started.error.message);
    const server = closeAtEnd(started.value);
    const health = await ask(server, "/health");
    expect([health.status, JSON.parse(health.text)]).toMatchObject([
      503,
      { status: "fail", checks: [{ name: "configuration", status: "fail", detail: error }] },
    ]);
    const page = await ask(server, "/");
    expect(page.status).toBe(503);
    expect(page.text).toContain(error);
    const market = await ask(server, "/api/v1/market");
    expect([market.status, JSON.parse(market.text)]).toMatchObject([503, { code: "CONFIGURATION_INVALID" }]);
  });

  test("listens on loopback only, like the node itself", async () => {
    const started = await startDiagnostic({ host: "0.0.0.0", port: 0, version: "1.2.3", error });
    expect(started).toMatchObject({ ok: false, error: { code: "TOKEN_NEEDED" } });
  });
});
