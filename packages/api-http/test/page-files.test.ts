import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { startApi } from "@micromarket/api-http";
import { ask, optionsFor, serve } from "./asking.ts";
import { street } from "./street.ts";

let root = "";
let directory = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "page-"));
  directory = join(root, "page");
  mkdirSync(join(directory, "assets"), { recursive: true });
  writeFileSync(join(directory, "index.html"), "<!doctype html><title>Märkt</title>");
  writeFileSync(join(directory, "assets", "app.1a2b.js"), "export {};");
  writeFileSync(join(directory, "assets", "style.css"), "body {}");
  writeFileSync(join(directory, "logo.svg"), "<svg/>");
  writeFileSync(join(directory, "blob.bin"), Buffer.from([0, 255, 128]));
  writeFileSync(join(directory, ".env"), "TOKEN=secret");
  writeFileSync(join(root, "outside.txt"), "secret");
  symlinkSync(join(root, "outside.txt"), join(directory, "link.txt"));
});

afterEach(() => rmSync(root, { recursive: true }));

describe("the page", () => {
  test.each([
    ["/", "text/html; charset=utf-8", "<!doctype html><title>Märkt</title>"],
    ["/index.html", "text/html; charset=utf-8", "<!doctype html><title>Märkt</title>"],
    ["/assets/app.1a2b.js", "text/javascript; charset=utf-8", "export {};"],
    ["/assets/style.css", "text/css; charset=utf-8", "body {}"],
    ["/logo.svg", "image/svg+xml", "<svg/>"],
    ["/blob.bin", "application/octet-stream", Buffer.from([0, 255, 128]).toString("utf8")],
  ])("%s is %s", async (path, type, body) => {
    const { status, headers, text } = await ask(await serve(street(), { page: { directory } }), path);
    expect([status, text]).toEqual([200, body]);
    expect(headers).toMatchObject({
      "content-type": type,
      "cache-control": "no-cache",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringContaining("default-src 'self'"),
    });
  });

  test("is compressed for who takes it, and each form has its own tag", async () => {
    writeFileSync(join(directory, "index.html"), "<!doctype html>".repeat(1_000));
    const server = await serve(street(), { page: { directory } });
    const plain = await ask(server, "/");
    expect(plain.headers).toMatchObject({ vary: "accept-encoding" });
    expect(plain.headers["content-encoding"]).toBeUndefined();
    for (const accepted of ["gzip", "gzip, deflate, br", "br;q=1, GZIP;q=0.5"]) {
      const { headers } = await ask(server, "/", { "accept-encoding": accepted });
      expect(headers).toMatchObject({ "content-encoding": "gzip", vary: "accept-encoding" });
      expect(Number(headers["content-length"])).toBeLessThan(1_000);
      expect(headers["etag"]).not.toBe(plain.headers["etag"]);
      const known = { "accept-encoding": accepted, "if-none-match": String(headers["etag"]) };
      expect((await ask(server, "/", known)).status).toBe(304);
    }
    for (const refused of ["br", "gzip;q=0", "gzip;q=0.0", "xgzip", ""]) {
      const { headers, text } = await ask(server, "/", { "accept-encoding": refused });
      expect([refused, headers["content-encoding"], text.length]).toEqual([refused, undefined, 15_000]);
    }
    const page = await fetch(server.url); // takes gzip and unpacks it
    expect([page.headers.get("content-encoding"), (await page.text()).length]).toEqual(["gzip", 15_000]);
    expect((await ask(server, "/blob.bin", { "accept-encoding": "gzip" })).headers["content-encoding"]).toBeUndefined();
  });

  test("is not sent again while it is unchanged", async () => {
    const server = await serve(street(), { page: { directory } });
    const etag = String((await ask(server, "/")).headers["etag"]);
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await ask(server, "/", { "if-none-match": known });
      expect([again.status, again.text, again.headers["etag"]]).toEqual([304, "", etag]);
    }
    expect((await ask(server, "/", { "if-none-match": '"other"' })).status).toBe(200);
  });

  test.each([
    "/.env",
    "/link.txt",
    "/../outside.txt",
    "/..%2foutside.txt",
    "/%2e%2e/outside.txt",
    "/assets/../../outside.txt",
    "/assets",
    "/assets/",
    "/missing.js",
    "//etc/passwd",
  ])("%s is not found", async (path) => {
    const { status, text } = await ask(await serve(street(), { page: { directory } }), path);
    expect(status).toBe(404);
    expect(text).not.toContain("secret");
  });

  test("is read without a token, because it holds no data", async () => {
    const server = await serve(street(), { page: { directory }, access: { token: "0123456789abcdef" } });
    expect((await ask(server, "/")).status).toBe(200);
    expect((await ask(server, "/assets/style.css")).status).toBe(200);
    expect((await ask(server, "/api/v1/market")).status).toBe(401);
  });

  test("without index.html, or without directory, is refused at the start", async () => {
    for (const missing of [join(directory, "assets"), join(root, "nowhere")]) {
      const started = await startApi({ ...optionsFor(street()), page: { directory: missing } });
      expect(started).toMatchObject({ ok: false, error: { code: "PAGE_UNREADABLE" } });
    }
  });

  test("what the files hold is fixed at the start", async () => {
    const server = await serve(street(), { page: { directory } });
    writeFileSync(join(directory, "assets", "style.css"), "changed");
    writeFileSync(join(directory, "late.css"), "late");
    expect((await ask(server, "/assets/style.css")).text).toBe("body {}");
    expect((await ask(server, "/late.css")).status).toBe(404);
  });
});
