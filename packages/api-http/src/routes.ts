/** The REST routes: each reads its parameters strictly, asks the model once, and answers in a schema's shape. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Type, type Static, type TSchema } from "@sinclair/typebox";
import { isSlotStart, parseInstant, type InstantMs } from "@micromarket/kernel";
import { authorise, PARTY_UNKNOWN_DETAIL } from "./access/authorise.ts";
import type { RouteNeeds } from "./access/request-gate.ts";
import { deviceList, marketView } from "./market-view.ts";
import type { Moment } from "./moment.ts";
import { openSlot, type IndicativeSource } from "./open-slot.ts";
import { partyPosition, partyView } from "./position.ts";
import { sendProblem } from "./problem.ts";
import type { MarketReadModel, PartyRecord, SlotQuery, SlotRecord } from "./read-model.ts";
import { slotBook, slotDetail, slotPage } from "./slot-view.ts";
import { partyStatement } from "./statement.ts";
import { statementCsv, statementFileName } from "./statement-csv.ts";
import { DeviceList, MarketView } from "@micromarket/protocol";
import { OpenSlot } from "@micromarket/protocol";
import { PartyList, PartyPosition, PartyStatement } from "@micromarket/protocol";
import { Problem } from "@micromarket/protocol";
import { SlotBook, SlotDetail, SlotPage } from "@micromarket/protocol";
import { closedObject } from "@micromarket/protocol";

/** What routes answer from. */
export interface RouteContext {
  readonly model: MarketReadModel;
  readonly moment: () => Moment;
  readonly indicative?: IndicativeSource;
}

/** Which slots, for answers that are turned page by page. */
export const RangeQuery = closedObject({
  /** First instant, ISO 8601. */
  from: Type.Optional(Type.String()),
  /** First instant that is not asked for, ISO 8601. */
  to: Type.Optional(Type.String()),
  /** Most slots. */
  limit: Type.Integer({ minimum: 1, maximum: 672, default: 96 }),
});
type RangeQuery = Static<typeof RangeQuery>;

/** A file is not turned page by page: all that a model keeps by default. */
export const FileQuery = closedObject({
  ...RangeQuery.properties,
  limit: Type.Integer({ minimum: 1, maximum: 672, default: 672 }),
});

const SlotPath = closedObject({ start: Type.String() });
const PartyPath = closedObject({ id: Type.String() });

/** What says nothing of a single party. Books, fills and devices do: they need `read` of every party. */
const PUBLIC: RouteNeeds = { scope: "read", of: "market" };
const OWN: RouteNeeds = { scope: "read", of: { parameter: "id" } };

/** Adds the routes below the prefix of `app`. */
export function addRoutes(app: FastifyInstance, context: RouteContext): void {
  addMarketRoutes(app, context);
  addSlotRoutes(app, context);
  addPartyRoutes(app, context);
}

/** What a route answers: the shape of its success, and of every refusal. */
export function answers(success: TSchema) {
  return { 200: success, "4xx": Problem, "5xx": Problem };
}

function addMarketRoutes(app: FastifyInstance, { model, moment }: RouteContext): void {
  app.get("/market", { config: { needs: PUBLIC }, schema: { response: answers(MarketView) } }, () =>
    marketView(model, moment()),
  );
  app.get("/devices", { schema: { response: answers(DeviceList) } }, () => deviceList(model, moment()));
}

function addSlotRoutes(app: FastifyInstance, { model, moment, indicative }: RouteContext): void {
  app.get<{ Querystring: RangeQuery }>(
    "/slots",
    { config: { needs: PUBLIC }, schema: { querystring: RangeQuery, response: answers(SlotPage) } },
    (request, reply) => {
      const query = readRange(request.query, reply);
      return query === null ? reply : slotPage(model, query, moment());
    },
  );
  app.get<{ Params: { start: string } }>(
    "/slots/:start",
    { schema: { params: SlotPath, response: answers(Type.Union([SlotDetail, OpenSlot])) } },
    (request, reply) => {
      const start = parseInstant(request.params.start);
      const open = start.ok ? openSlot(model, indicative, start.value, moment()) : null;
      if (open !== null) return open;
      const record = findSlot(model, request, reply);
      return record === null ? reply : slotDetail(model, record, moment());
    },
  );
  app.get<{ Params: { start: string } }>(
    "/slots/:start/book",
    { schema: { params: SlotPath, response: answers(SlotBook) } },
    (request, reply) => {
      const record = findSlot(model, request, reply);
      return record === null ? reply : slotBook(model, record);
    },
  );
}

function addPartyRoutes(app: FastifyInstance, { model, moment }: RouteContext): void {
  app.get("/parties", { config: { needs: PUBLIC }, schema: { response: answers(PartyList) } }, ({ pass }) => ({
    parties: model
      .parties()
      .filter(({ party }) => pass !== null && authorise(pass.principal, "read", party).ok)
      .map((party) => partyView(model, party)),
  }));
  app.get<{ Params: { id: string }; Querystring: RangeQuery }>(
    "/parties/:id/position",
    {
      config: { needs: OWN },
      schema: { params: PartyPath, querystring: RangeQuery, response: answers(PartyPosition) },
    },
    (request, reply) => {
      const party = findParty(model, request, reply);
      const query = party === null ? null : readRange(request.query, reply);
      return party === null || query === null ? reply : partyPosition(model, party, query, moment());
    },
  );
  app.get<{ Params: { id: string }; Querystring: RangeQuery }>(
    "/parties/:id/statement",
    {
      config: { needs: OWN },
      schema: { params: PartyPath, querystring: RangeQuery, response: answers(PartyStatement) },
    },
    (request, reply) => {
      const party = findParty(model, request, reply);
      const query = party === null ? null : readRange(request.query, reply);
      return party === null || query === null ? reply : partyStatement(model, party, query);
    },
  );
  app.get<{ Params: { id: string }; Querystring: RangeQuery }>(
    "/parties/:id/statement.csv",
    {
      config: { needs: OWN },
      schema: { params: PartyPath, querystring: FileQuery, response: { "4xx": Problem, "5xx": Problem } },
    },
    (request, reply) => {
      const party = findParty(model, request, reply);
      const query = party === null ? null : readRange(request.query, reply);
      return party === null || query === null ? reply : sendCsv(reply, partyStatement(model, party, query));
    },
  );
}

/** Where the range holds more slots than one file, the answer's Link header says where the rest begins. */
function sendCsv(reply: FastifyReply, statement: PartyStatement): FastifyReply {
  if (statement.next !== null) reply.header("link", `<statement.csv?from=${statement.next}>; rel="next"`);
  return reply
    .type("text/csv; charset=utf-8; header=present")
    .header("content-disposition", `attachment; filename="${statementFileName(statement)}"`)
    .send(statementCsv(statement));
}

/** The range that is asked for; `null` after a problem was sent. */
function readRange({ from, to, limit }: RangeQuery, reply: FastifyReply): Omit<SlotQuery, "order"> | null {
  const start = from === undefined ? null : readInstant(from, "from", reply);
  if (reply.sent) return null;
  const end = to === undefined ? null : readInstant(to, "to", reply);
  return reply.sent ? null : { from: start, to: end, limit };
}

/** The instant in `text`; `null` after a problem was sent. */
function readInstant(text: string, name: string, reply: FastifyReply): InstantMs | null {
  const parsed = parseInstant(text);
  if (parsed.ok) return parsed.value;
  sendProblem(reply, "INSTANT_MALFORMED", `${name} must be an instant such as 2026-07-01T12:00Z`);
  return null;
}

/** The record of the slot in the path; `null` after a problem was sent. */
function findSlot(
  model: MarketReadModel,
  request: FastifyRequest<{ Params: { start: string } }>,
  reply: FastifyReply,
): SlotRecord | null {
  const start = readInstant(request.params.start, "the start of the slot", reply);
  if (start === null) return null;
  const record = model.slot(start);
  if (record !== null) return record;
  const closedThrough = model.closedThrough();
  if (model.awaiting().some(({ event }) => event.slot === start)) {
    sendProblem(reply, "SLOT_NOT_CLEARED", "the slot's gate is closed; it waits for the award of the market above");
  } else if (isSlotStart(start, model.rules.slotLength) && (closedThrough === null || start > closedThrough)) {
    sendProblem(reply, "SLOT_NOT_CLEARED", "the slot's gate is not closed; what stands in an open book is not told");
  } else {
    sendProblem(reply, "SLOT_UNKNOWN", "no slot that was cleared starts then, or it is no longer kept");
  }
  return null;
}

/** The party in the path; `null` after a problem was sent. */
function findParty(
  model: MarketReadModel,
  request: FastifyRequest<{ Params: { id: string } }>,
  reply: FastifyReply,
): PartyRecord | null {
  const party = model.party(request.params.id);
  if (party === null) sendProblem(reply, "PARTY_UNKNOWN", PARTY_UNKNOWN_DETAIL);
  return party;
}
