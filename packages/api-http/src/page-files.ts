/**
 * The page's built files, read once at the start: a fixed list, so that no path that is asked for ever reaches the
 * file system. (`@fastify/static` 10 depends on a package that asks for Node 22.)
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { fail, ok, type Result } from "@micromarket/kernel";
import type { StartRefusal } from "./access.ts";

/** One file, ready to be sent. */
export interface PageFile {
  /** Path under which it is asked for, with a leading slash. */
  readonly path: string;
  readonly type: string;
  readonly etag: string;
  readonly body: Buffer;
  /** The body compressed, where that makes it smaller. */
  readonly gzipped: Buffer | null;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};

const BYTES_MAX = 33_554_432;
const PATH_PATTERN = /^(?:\/[\w-][\w.-]*)+$/;

/** Reads all files below `directory`; hidden files and links are left out. It must hold an index.html. */
export function readPage(directory: string): Result<readonly PageFile[], StartRefusal> {
  const refuse = (what: string) =>
    fail({ code: "PAGE_UNREADABLE" as const, message: `the page's directory ${directory} ${what}` });
  try {
    const files = filePaths(directory).map((path) => readPageFile(directory, path));
    if (!files.some(({ path }) => path === "/index.html")) return refuse("holds no index.html: build the page first");
    const bytes = files.reduce((sum, { body }) => sum + body.length, 0);
    return bytes > BYTES_MAX ? refuse(`holds ${bytes} bytes: at most ${BYTES_MAX} are served`) : ok(files);
  } catch (error) {
    return refuse(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function filePaths(directory: string, below = ""): readonly string[] {
  return readdirSync(join(directory, below), { withFileTypes: true }).flatMap((entry) => {
    const path = `${below}/${entry.name}`;
    if (!PATH_PATTERN.test(path)) return [];
    return entry.isDirectory() ? filePaths(directory, path) : entry.isFile() ? [path] : [];
  });
}

function readPageFile(directory: string, path: string): PageFile {
  return pageFile(path, TYPES[extname(path)] ?? "application/octet-stream", readFileSync(join(directory, path)));
}

/** A file of these bytes, ready to be sent. */
export function pageFile(path: string, type: string, body: Buffer): PageFile {
  const etag = `"${createHash("sha256").update(body).digest("base64url")}"`;
  const gzipped = gzipSync(body, { level: 9 });
  return { path, type, etag, body, gzipped: gzipped.length < body.length ? gzipped : null };
}

/** Serves the files, and index.html for `/`. */
export function servePage(app: FastifyInstance, files: readonly PageFile[]): void {
  for (const file of files) {
    const handler = (request: FastifyRequest, reply: FastifyReply): FastifyReply => sendFile(request, reply, file);
    app.get(file.path, { config: { open: true } }, handler);
    if (file.path === "/index.html") app.get("/", { config: { open: true } }, handler);
  }
}

/** Serves files that are made when they are asked for first. */
export function serveFiles(
  app: FastifyInstance,
  files: readonly { readonly path: string; readonly file: () => PageFile }[],
): void {
  for (const { path, file } of files)
    app.get(path, { config: { open: true } }, (request, reply) => sendFile(request, reply, file()));
}

/** Text shrinks to a third, which a phone at the far end of the house notices. */
function sendFile(request: FastifyRequest, reply: FastifyReply, file: PageFile): FastifyReply {
  const { type, body, gzipped } = file;
  const compress = gzipped !== null && acceptsGzip(request.headers["accept-encoding"]);
  const etag = compress ? file.etag.replace(/"$/, '-gzip"') : file.etag;
  reply.header("etag", etag).header("cache-control", "no-cache");
  if (gzipped !== null) reply.header("vary", "accept-encoding");
  const known = (request.headers["if-none-match"] ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (known.includes(etag)) return reply.code(304).send();
  return compress ? reply.type(type).header("content-encoding", "gzip").send(gzipped) : reply.type(type).send(body);
}

function acceptsGzip(header: string | readonly string[] | undefined): boolean {
  return String(header ?? "")
    .split(",")
    .some((coding) => /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(coding));
}
