/** Health, metrics, the live stream, the socket, and these documents. */
import { Health, LiveEvent } from "@micromarket/protocol";
import { Type } from "@sinclair/typebox";
import { EXAMPLE_EVENT_STREAM, EXAMPLE_HEALTH, EXAMPLE_METRICS } from "./examples/service-answers.ts";
import type { Operation } from "./operation.ts";

const OPEN = { method: "get", tag: "service", needs: "open" } as const;

function health(path: string, id: string): Operation {
  return {
    ...{ ...OPEN, path, id, summary: "Whether the node works, check by check" },
    description: "200 where every check passes or warns; 503 with the same body where one fails.",
    answer: { schema: Health, says: "It works, perhaps with warnings." },
    example: { ask: path, answer: EXAMPLE_HEALTH },
  };
}

function metrics(path: string, id: string): Operation {
  return {
    ...{ method: "get", path, id, tag: "service", needs: "read of all", summary: "Prometheus metrics" },
    answer: { type: "text/plain", says: "Text exposition format 0.0.4." },
    example: { ask: path, answer: EXAMPLE_METRICS },
  };
}

/** What is no matter of the market. */
export const SERVICE_OPERATIONS: readonly Operation[] = [
  health("/health", "getHealthAtRoot"),
  health("/api/v1/health", "getHealth"),
  metrics("/metrics", "getMetricsAtRoot"),
  metrics("/api/v1/metrics", "getMetrics"),
  {
    ...{ method: "get", path: "/api/v1/events", id: "streamEvents", tag: "service", needs: "read of all" },
    summary: "The live stream: server-sent events",
    description:
      "One snapshot, or what was missed since `Last-Event-ID`, then news. Each is a `LiveEvent`; `indicative` and `controls` have no id.",
    headers: { "Last-Event-ID": "The id of the event that was heard last." },
    answer: { type: "text/event-stream", schema: LiveEvent, says: "Events until the client goes." },
    refusals: ["STREAMS_EXHAUSTED"],
    example: { ask: "/api/v1/events", answer: EXAMPLE_EVENT_STREAM },
  },
  {
    ...{ ...OPEN, path: "/api/v1/ws", id: "openSocket", summary: "The socket: see asyncapi.json" },
    description:
      "Sub-protocol `micromarket.v1`. A certificate or a header that is shown must be good; without, say who you are first.",
    answer: { status: 101, says: "It is a WebSocket now." },
    refusals: ["UPGRADE_REQUIRED", "UNSUPPORTED_VERSION", "SOCKETS_EXHAUSTED", "AUTH_FAILED", "TOKEN_EXPIRED"],
    example: { ask: "/api/v1/ws", answer: null },
  },
  {
    ...{ ...OPEN, path: "/api/v1/openapi.json", id: "getOpenApi", summary: "This document" },
    answer: { schema: Type.Object({ openapi: Type.String() }), says: "OpenAPI 3.1." },
    example: { ask: "/api/v1/openapi.json", answer: { openapi: "3.1.1" } },
  },
  {
    ...{ ...OPEN, path: "/api/v1/asyncapi.json", id: "getAsyncApi", summary: "The socket's messages" },
    answer: { schema: Type.Object({ asyncapi: Type.String() }), says: "AsyncAPI 3.0." },
    example: { ask: "/api/v1/asyncapi.json", answer: { asyncapi: "3.0.0" } },
  },
  {
    ...{ ...OPEN, path: "/api/v1/docs", id: "readDocs", summary: "Both documents as a page" },
    answer: { type: "text/html", says: "The page." },
    example: { ask: "/api/v1/docs", answer: "<!doctype html>…" },
  },
  {
    ...{ ...OPEN, path: "/api/v1/docs.css", id: "readDocsStyle", summary: "The page's style" },
    answer: { type: "text/css", says: "The style sheet." },
    example: { ask: "/api/v1/docs.css", answer: ":root {…}" },
  },
];
