/** Every HTTP route as OpenAPI 3.1. A pure function: the same text wherever it is asked for. */
import { ERROR_CODES, Problem } from "@micromarket/protocol";
import type { TSchema } from "@sinclair/typebox";
import { PROBLEM_TYPE, PROBLEMS, type ProblemCode } from "../problem.ts";
import { WireProblem } from "../socket/trading-schema.ts";
import { SchemaWriter, type JsonSchema } from "./json-schema.ts";
import { NAMED_SCHEMAS } from "./named-schemas.ts";
import { TAGS, type Needs, type Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { byStatus, wordsOf } from "./problem-words.ts";

/** The version of the interface: what is below /api/v1 only ever gains. */
export const INTERFACE_VERSION = "1.0.0";

const ABOUT = [
  "A market node over HTTP. Energies are `*_wh`, prices `*_micro_per_kwh`, money `*_nano` as a text of digits, instants",
  "ISO 8601 in UTC and once more as `*_ms`. What is missing is `null`, never 0. Every `GET` can be asked by HEAD too, but",
  "the stream; a method that a path does not have is 405 with `Allow`. Routes of `trading` and orders are there where the",
  "market is traded from outside. The socket says the same and more: `/api/v1/asyncapi.json`.",
].join(" ");

const EVERYWHERE: readonly ProblemCode[] = ["REQUEST_MALFORMED", "HOST_FORBIDDEN", "ORIGIN_FORBIDDEN", "INTERNAL"];
const KNOWN: readonly ProblemCode[] = [
  ...["TOKEN_REQUIRED", "TOKEN_WRONG", "AUTH_REQUIRED", "AUTH_FAILED", "TOKEN_EXPIRED"],
  ...["FORBIDDEN", "RATE_LIMITED", "AUTH_UNAVAILABLE"],
] as ProblemCode[];

const NEEDS: Readonly<Record<Needs, string>> = {
  open: "Open to everybody.",
  known: "Open to every principal.",
  "read of the party": "Needs scope `read` of the party.",
  "trade for the party": "Needs scope `trade` of the party.",
  "admin of the home": "Needs scope `admin` of the home.",
  "read of all": "Needs scope `read` of every party.",
  "admin of all": "Needs scope `admin` of every party.",
};

/** The document. */
export function openApiDocument(): JsonSchema {
  const writer = new SchemaWriter(NAMED_SCHEMAS, "2020-12");
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of OPERATIONS)
    paths[operation.path] = { ...paths[operation.path], [operation.method]: operationOf(operation, writer) };
  writer.write(Problem);
  return {
    openapi: "3.1.1",
    info: {
      title: "Micromarket over HTTP",
      version: INTERFACE_VERSION,
      summary: "A neighbourhood's energy market: what it tells, and what can be done about it.",
      description: ABOUT,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/", description: "The gateway that serves this document." }],
    security: [{}, { bearer: [] }, { certificate: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: writer.components(),
      responses: commonResponses(),
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description:
            "The operator's token, an access token of a configured issuer, or one given for a signed challenge.",
        },
        certificate: { type: "mutualTLS", description: "A certificate that the gateway's file gives to a principal." },
      },
    },
    "x-problem-codes": Object.fromEntries(
      Object.entries(PROBLEMS).map(([code, { status }]) => [code, { status, means: wordsOf([code as ProblemCode]) }]),
    ),
  };
}

function operationOf(operation: Operation, writer: SchemaWriter): JsonSchema {
  const { id, tag, summary, description, needs, body, example } = operation;
  const parameters = parametersOf(operation, writer);
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [description, NEEDS[needs]].filter((text) => text !== undefined).join(" "),
    ...(needs === "open" ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: writer.write(body), example: example.body } },
          },
        }),
    responses: responsesOf(operation, writer),
    "x-example-request": { path: example.ask, ...(example.body === undefined ? {} : { body: example.body }) },
  };
}

function parametersOf(
  { parameters = {}, query, headers = {}, example, path }: Operation,
  writer: SchemaWriter,
): JsonSchema[] {
  const asked = new URL(example.ask, "http://localhost");
  const places = asked.pathname.split("/").map(decodeURIComponent);
  const segments = path.split("/");
  const inPath = Object.entries(parameters).map(([name, description]) => ({
    ...{ name, in: "path", required: true, description, schema: { type: "string" } },
    example: places[segments.indexOf(`{${name}}`)],
  }));
  const properties = Object.entries((query?.["properties"] ?? {}) as Readonly<Record<string, TSchema>>);
  const required = new Set((query?.["required"] ?? []) as readonly string[]);
  const inQuery = properties.map(([name, schema]) => {
    const written = writer.write(schema);
    const said = asked.searchParams.get(name);
    return {
      ...{ name, in: "query", required: required.has(name) && !("default" in written), schema: written },
      description: QUERY_WORDS[name] ?? wordsOfSchema(written) ?? name,
      ...(said === null ? {} : { example: written["type"] === "integer" ? Number(said) : said }),
    };
  });
  const inHeader = Object.entries(headers).map(([name, description]) => ({
    ...{ name, in: "header", required: false, description, schema: { type: "string" } },
  }));
  return [...inPath, ...inQuery, ...inHeader];
}

function wordsOfSchema({ description }: JsonSchema): string | null {
  return typeof description === "string" ? description : null;
}

const QUERY_WORDS: Readonly<Record<string, string>> = {
  from: "The first instant that is asked for, ISO 8601.",
  to: "The first instant that is not asked for, ISO 8601.",
  limit: "Most slots, orders or events of one page.",
  state: "Only orders that stand so.",
};

function responsesOf(operation: Operation, writer: SchemaWriter): JsonSchema {
  const { answer, example, needs, refusals = [], wire } = operation;
  const { status = 200, type = "application/json", schema, says } = answer;
  const content =
    status === 101
      ? {}
      : { content: { [type]: { schema: contentSchema(type, schema, writer), example: example.answer } } };
  const failing = operation.path.endsWith("/health") ? { 503: { description: "Some check fails.", ...content } } : {};
  const success = { [status]: { description: says, ...content }, ...failing };
  if (wire !== undefined) return { ...success, ...wireResponses(operation, content, writer) };
  const codes = [...EVERYWHERE, ...(needs === "open" ? [] : KNOWN), ...refusals];
  const refused = [...byStatus(codes)].map(([code, those]) => [code, responseOf(code, those)] as const);
  return { ...Object.fromEntries(refused), ...success };
}

/** A stream or a text is a string, whatever its lines hold. */
function contentSchema(type: string, schema: TSchema | undefined, writer: SchemaWriter): JsonSchema {
  if (type === "application/json" && schema !== undefined) return writer.write(schema);
  return {
    type: "string",
    ...(schema === undefined ? {} : { contentMediaType: "application/json", contentSchema: writer.write(schema) }),
  };
}

function wireResponses(
  { wire }: Operation,
  { content }: { readonly content?: object },
  writer: SchemaWriter,
): JsonSchema {
  const problem = { [PROBLEM_TYPE]: { schema: writer.write(WireProblem) } };
  const codes =
    wire === "any" || wire === undefined ? Object.keys(ERROR_CODES) : [...wire, "AUTH_REQUIRED", "FORBIDDEN"];
  const refused =
    wire === "any" ? "What the market refuses is the answer with its `response`; all else a problem. " : "";
  return {
    "4XX": {
      description: `${refused}Codes: ${codes.map((code) => `\`${code}\``).join(", ")}.`,
      content: wire === "any" ? { ...withoutExample(content ?? {}), ...problem } : problem,
    },
    "5XX": { description: "The market is paused, overloaded or has failed.", content: problem },
  };
}

function withoutExample(content: object): object {
  return Object.fromEntries(
    Object.entries(content).map(([type, { schema }]: [string, { schema?: unknown }]) => [type, { schema }]),
  );
}

function commonName(status: number): string {
  return `Problem${status}`;
}

/** Refusals that are the same wherever somebody has to be known. */
function commonResponses(): JsonSchema {
  return Object.fromEntries(
    [...byStatus([...EVERYWHERE, ...KNOWN])].map(([status, codes]) => [
      commonName(status),
      problemResponse(status, codes),
    ]),
  );
}

function responseOf(status: number, codes: readonly ProblemCode[]): JsonSchema {
  const common = byStatus([...EVERYWHERE, ...KNOWN]).get(status);
  const isCommon = common?.length === codes.length && codes.every((code) => common.includes(code));
  return isCommon ? { $ref: `#/components/responses/${commonName(status)}` } : problemResponse(status, codes);
}

function problemResponse(status: number, codes: readonly ProblemCode[]): JsonSchema {
  const [first] = codes;
  const { title } = PROBLEMS[first ?? "INTERNAL"];
  const example = { type: "about:blank", title, status, code: first, detail: "what is wrong, and how to mend it" };
  return {
    description: wordsOf(codes),
    content: { [PROBLEM_TYPE]: { schema: { $ref: "#/components/schemas/Problem" }, example } },
  };
}
