/** Networks of the model `dc`: meshed, cleared under the DC power flow by a linear programme. */
import { fail, formatDecimal, ok, problemLog, wattHours, type InputProblem, type Result } from "@micromarket/kernel";
import {
  clearDc,
  type DcLine,
  type DcNetwork,
  type DcOutcome,
  type DcShortage,
  type LinearSolver,
} from "@micromarket/grid";
import { checkKeys, complain, complainOfType, isPresent, scaledField, type JsonFields } from "./json-fields.ts";
import { isJsonList, NumberText, type JsonValue } from "./json-text.ts";
import { COMMON_NETWORK_KEYS, type NetworkFile } from "./network.ts";
import { readObjects, readPlacedBook } from "./network-orders.ts";
import { writeDcResult } from "./dc-result-text.ts";

const LINE_KEYS = ["from", "to", "x", "limit"];

/** Reads the network; `null` after a complaint. */
export function readDcNetwork(fields: JsonFields, scale: number): NetworkFile | null {
  checkKeys(fields, [...COMMON_NETWORK_KEYS, "baseMva", "buses", "lines"]);
  checkBase(fields);
  const names = readBuses(fields);
  if (names === null) return null;
  const busAt = new Map(names.map((name, at) => [name, at]));
  const lines = readObjects(fields, "lines", "lines", (line) => readLine(line, busAt, scale));
  const placed = readPlacedBook(fields, scale, (order) => busField(order, "node", busAt));
  if (lines === null || placed === null) return null;
  const { slot, rules, tenders } = placed.book;
  const network: DcNetwork = {
    slot,
    rules,
    buses: names.length,
    lines,
    tenders: tenders.map((tender, at) => ({ bus: placed.places[at] ?? 0, tender })),
  };
  return { model: "dc", needsSolver: true, clear: (solver) => clear(fields, network, names, scale, solver) };
}

function clear(
  fields: JsonFields,
  network: DcNetwork,
  names: readonly string[],
  scale: number,
  solver: LinearSolver | null,
): Result<string, InputProblem[]> {
  if (solver === null) throw new Error("a network of the model dc is cleared by a solver");
  const outcome = clearDc(network, solver);
  if (outcome.ok) return ok(writeDcResult(outcome.result, network, names, scale));
  const problems = problemLog();
  complainOfOutcome({ ...fields, reading: { ...fields.reading, problems } }, outcome, network, names, scale);
  return fail(problems.list());
}

function complainOfOutcome(
  fields: JsonFields,
  outcome: Exclude<DcOutcome, { readonly ok: true }>,
  network: DcNetwork,
  names: readonly string[],
  scale: number,
): void {
  if (outcome.code === "SOLVER_FAILED") {
    const what = `the solver found no answer: ${outcome.reason}`;
    complain(fields, null, { code: outcome.code, what, mend: "check that reactances and quantities are of one size" });
    return;
  }
  for (const shortage of outcome.shortages) complainOfShortage(fields, shortage, network, names, scale);
}

function complainOfShortage(
  fields: JsonFields,
  shortage: DcShortage,
  { lines }: DcNetwork,
  names: readonly string[],
  scale: number,
): void {
  const code = "NETWORK_INFEASIBLE";
  const decimal = (value: number): string => formatDecimal(BigInt(value), scale);
  if (shortage.kind === "line") {
    const line = lines[shortage.line];
    const name = `the line from ${names[line?.from ?? 0] ?? ""} to ${names[line?.to ?? 0] ?? ""}`;
    const [excess, limit] = [decimal(shortage.excess), decimal(line?.limit ?? 0)];
    const what = `orders that must run need ${name} to carry ${excess} more than its limit of ${limit}`;
    const mend = "raise the limit, or give orders a price so that they may stay unserved";
    complain({ ...fields, path: ["lines", shortage.line] }, "limit", { code, what, mend });
    return;
  }
  const bus = names[shortage.bus] ?? "";
  const [doing, mend] =
    shortage.side === "buy"
      ? ["demand that must be met lacks", "add supply, or give the demand a price"]
      : ["supply that must be taken finds no taker for", "add demand, or give the supply a price"];
  complain(fields, "orders", { code, what: `at bus ${bus} ${doing} ${decimal(shortage.lacking)}`, mend });
}

function checkBase(fields: JsonFields): void {
  const value = fields.object["baseMva"] ?? null;
  if (value === null || (value instanceof NumberText && Number(value.text) > 0)) return;
  complainOfType(fields, "baseMva", value, "a positive number; flows in MW do not depend on it");
}

/** Names of buses as JSON texts: a number and a text are different names. */
function readBuses(fields: JsonFields): readonly string[] | null {
  const list = fields.object["buses"];
  if (!isJsonList(list)) return complainOfType(fields, "buses", list, "a list of names: [1, 2, …]");
  if (list.length === 0) {
    return complain(fields, "buses", { code: "BUSES_EMPTY", what: "there are no buses", mend: "name at least one" });
  }
  const names: string[] = [];
  for (const [at, value] of list.entries()) {
    const place = { ...fields, path: ["buses"] };
    const name = busName(value);
    if (name === null) complainOfType(place, at, value, "a whole number or a text");
    else if (names.includes(name)) {
      complain(place, at, { code: "BUS_DUPLICATE", what: `two buses are named ${name}`, mend: "name each bus once" });
    } else names.push(name);
  }
  return names.length < list.length ? null : names;
}

function busName(value: JsonValue | undefined): string | null {
  if (typeof value === "string") return JSON.stringify(value);
  return value instanceof NumberText && /^-?\d+$/.test(value.text) ? value.text : null;
}

function busField(fields: JsonFields, key: string, buses: ReadonlyMap<string, number>): number | null {
  const value = fields.object[key];
  const name = busName(value);
  if (name === null) return complainOfType(fields, key, value, "the name of a bus");
  const bus = buses.get(name);
  if (bus !== undefined) return bus;
  const what = `bus ${name} is not there`;
  return complain(fields, key, { code: "BUS_UNKNOWN", what, mend: 'name one of "buses"; 1 and "1" are two names' });
}

function readLine(fields: JsonFields, buses: ReadonlyMap<string, number>, scale: number): DcLine | null {
  checkKeys(fields, LINE_KEYS);
  const [from, to] = [busField(fields, "from", buses), busField(fields, "to", buses)];
  const reactance = readReactance(fields);
  const limit = isPresent(fields, "limit") ? scaledField(fields, "limit", fields.object["limit"], scale) : Infinity;
  if (from === null || to === null || reactance === null || limit === null) return null;
  if (from === to) {
    const mend = "let it lead to another bus, or delete it";
    return complain(fields, "to", { code: "LINE_TO_ITSELF", what: "the line leads back to its own bus", mend });
  }
  if (limit >= 0) return { from, to, reactance, limit: limit === Infinity ? null : wattHours(limit) };
  const mend = "write 0 or more, or leave it out where there is no limit";
  return complain(fields, "limit", { code: "LIMIT_NEGATIVE", what: "the limit is negative", mend });
}

function readReactance(fields: JsonFields): number | null {
  const value = fields.object["x"];
  if (!(value instanceof NumberText)) return complainOfType(fields, "x", value, "a number: the reactance per unit");
  const reactance = Number(value.text);
  if (Number.isFinite(reactance) && reactance > 0) return reactance;
  const what = `the reactance is ${value.text}`;
  return complain(fields, "x", { code: "REACTANCE_NOT_POSITIVE", what, mend: "write a positive number" });
}
