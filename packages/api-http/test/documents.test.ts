import { channel } from "node:diagnostics_channel";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { FastifyInstance, RouteOptions } from "fastify";
import { describe, expect, test } from "@jest/globals";
import { asyncApiText, openApiText, PROBLEMS } from "@micromarket/api-http";
import { CLIENT_MESSAGES, CTS_REQUESTS, SERVER_MESSAGES } from "@micromarket/protocol";
import { asyncApiDocument } from "../src/documents/asyncapi-document.ts";
import { NAMED_SCHEMAS } from "../src/documents/named-schemas.ts";
import { openApiDocument } from "../src/documents/openapi-document.ts";
import type { Operation } from "../src/documents/operation.ts";
import { OPERATIONS } from "../src/documents/operations.ts";
import { documentedStreet } from "./documented-street.ts";

const FOLDER = new URL("../../../docs/api/", import.meta.url);

test.each([
  ["openapi.json", openApiText],
  ["asyncapi.json", asyncApiText],
])("the published %s is what the schemas say; UPDATE_SCHEMA=1 writes it anew", (name, text) => {
  const path = fileURLToPath(new URL(name, FOLDER));
  if (process.env["UPDATE_SCHEMA"] === "1") {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path, text());
  }
  expect(readFileSync(path, "utf8")).toBe(text());
});

/** What of a route's options is compared. */
interface Seen {
  readonly route: string;
  readonly options: RouteOptions;
}

/** The routes of a running server that has everything, without those that only refuse a method. */
async function routesOfServer(): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  const starting = channel("fastify.initialization");
  const watch = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    fastify.addHook("onRoute", (options) => {
      if ((options.config as { readonly refusesMethods?: true } | undefined)?.refusesMethods === true) return;
      for (const method of [options.method].flat())
        if (method !== "HEAD") seen.push({ route: `${method} ${options.url}`, options });
    });
  };
  starting.subscribe(watch);
  try {
    await documentedStreet();
  } finally {
    starting.unsubscribe(watch);
  }
  return seen;
}

/** As the framework writes paths; all messages of CTS are one route there. */
function routeOf({ method, path }: Operation): string {
  const generic = path.replace(/^(\/api\/v1\/cts\/)\w+$/, "$1:type").replace(/\{(\w+)\}/g, ":$1");
  return `${method.toUpperCase()} ${generic}`;
}

describe("OpenAPI", () => {
  test("tells of every route of a running server, and of no other", async () => {
    const found = (await routesOfServer()).map(({ route }) => route);
    expect([...new Set(found)].sort()).toEqual([...new Set(OPERATIONS.map(routeOf))].sort());
    expect(OPERATIONS.filter(({ tag }) => tag === "trading").map(({ id }) => id)).toEqual(Object.keys(CTS_REQUESTS));
  });

  test("says of each what its route is built from: query, body, answer", async () => {
    const routes = new Map((await routesOfServer()).map(({ route, options }) => [route, options]));
    for (const operation of OPERATIONS) {
      const schema = routes.get(routeOf(operation))?.schema;
      const response = (schema?.response as Record<string, unknown> | undefined)?.["200"];
      if (schema?.querystring !== undefined) expect(operation.query).toBe(schema.querystring);
      if (schema?.body !== undefined) expect(operation.body).toBe(schema.body);
      if (response !== undefined) expect(JSON.stringify(operation.answer.schema)).toBe(JSON.stringify(response));
    }
  });

  test("ids are unique, and every code of a problem is told of somewhere", () => {
    const ids = OPERATIONS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const anywhere = ["METHOD_NOT_ALLOWED", "HEADERS_TOO_LARGE", "CONFIGURATION_INVALID"];
    const { paths, components } = openApiDocument();
    const told = JSON.stringify([paths, (components as { responses: unknown }).responses]);
    expect(Object.keys(PROBLEMS).filter((code) => !told.includes(`\`${code}\``))).toEqual(anywhere);
  });
});

describe("AsyncAPI", () => {
  test("tells of every message, and of no other", () => {
    const { components } = asyncApiDocument() as {
      components: { messages: Record<string, { name: string; examples?: unknown[] }> };
    };
    const all = Object.entries(components.messages).filter(([, { name }]) => name !== "batch");
    const names = (isClients: boolean) =>
      [...new Set(all.filter(([key]) => key.startsWith("client.") === isClients).map(([, { name }]) => name))].sort();
    expect(names(true)).toEqual(Object.keys(CLIENT_MESSAGES).sort());
    expect(names(false)).toEqual(Object.keys(SERVER_MESSAGES).sort());
    expect(all.filter(([, { examples = [] }]) => examples.length === 0)).toEqual([]);
  });
});

describe("both", () => {
  const texts = [openApiText(), asyncApiText()];

  test("know null as a type, never as nullable, and use every name they give", () => {
    for (const text of texts) expect(text).not.toContain('"nullable"');
    const used = new Set(
      texts.flatMap((text) => [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name)),
    );
    expect(Object.keys(NAMED_SCHEMAS).filter((name) => !used.has(name))).toEqual([]);
  });
});
