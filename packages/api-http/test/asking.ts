/** A server on a free port, and ways to ask it that a browser would not offer. */
import { request } from "node:http";
import { Ajv } from "ajv";
import type { TSchema } from "@sinclair/typebox";
import { afterEach, expect } from "@jest/globals";
import {
  startApi,
  type ApiOptions,
  type ApiServer,
  type CheckResult,
  type ListeningServer,
} from "@micromarket/api-http";
import type { Street } from "./street.ts";

const WORKING: CheckResult = { status: "pass", detail: "works" };
const started: ListeningServer[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.close()));
});

/** Has the server closed at the end of the test. */
export function closeAtEnd<Server extends ListeningServer>(server: Server): Server {
  started.push(server);
  return server;
}

export function optionsFor({ model, clock }: Pick<Street, "model" | "clock">): ApiOptions {
  return {
    model,
    clock: { now: clock.now, factor: 60 },
    probes: { store: () => WORKING, clock: () => WORKING },
    version: "1.2.3",
    port: 0,
  };
}

/** Starts the API of a street; it is closed after the test. */
export async function serve(
  street: Pick<Street, "model" | "clock">,
  more: Partial<ApiOptions> = {},
): Promise<ApiServer> {
  const server = await startApi({ ...optionsFor(street), ...more });
  if (!server.ok) throw new Error(server.error.message);
  return closeAtEnd(server.value);
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Asks with exactly these headers; Host as well, which `fetch` would not send. */
export function ask(
  server: ListeningServer,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  { method = "GET", body = "" }: { readonly method?: string; readonly body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${server.url}${path}`, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

/** What `path` of the API answers, as JSON. */
export async function askJson(server: ListeningServer, path: string): Promise<unknown> {
  const { status, text } = await ask(server, `/api/v1${path}`);
  expect([status, text]).toEqual([200, expect.anything()]);
  return JSON.parse(text);
}

const ajv = new Ajv({ strict: true, allErrors: true });

/** Holds a value against a schema of the wire. */
export function expectShape(schema: TSchema, value: unknown): void {
  const validate = ajv.compile(schema);
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
}
