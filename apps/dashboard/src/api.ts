/**
 * The gateway's API, asked from the page: relative paths only, answers as values. The token, where one is asked for,
 * stays in this browser tab.
 */
import { fail, ok, type Result } from "@micromarket/kernel";
import type {
  ControlList,
  DeviceList,
  MarketView,
  PartyList,
  PartyPosition,
  PartyStatement,
  Problem,
  SlotBook,
  SlotDetail,
  SlotPage,
  StatementLine,
  StopAnswer,
} from "@micromarket/api-http";
import { recall, remember } from "./remembered-text.ts";

/** Why there is no answer, in words for the reader. */
export interface RequestFailure {
  readonly code: string;
  readonly message: string;
}

/** What a question comes back with. */
export type Answer<Value> = Promise<Result<Value, RequestFailure>>;

/** The longest time range that is read page by page; the server keeps a week. */
const PAGES_MAX = 20;
const SLOTS_A_PAGE = 672;
const TIMEOUT_MS = 10_000;
/** Giving every device back takes its time, and each has its own. */
const STOP_TIMEOUT_MS = 60_000;

/** Where the API's `path` lies, seen from the page. */
export function apiPath(path: string): string {
  return `api/v1/${path}`;
}

/** The headers that every request carries. */
export function requestHeaders(): Record<string, string> {
  const token = recall("tab", "token");
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

/** Keeps the token for the requests to come. */
export function rememberToken(token: string): void {
  remember("tab", "token", token);
}

export const askMarket = (): Answer<MarketView> => ask("market");
export const askDevices = (): Answer<DeviceList> => ask("devices");
export const askParties = (): Answer<PartyList> => ask("parties");
export const askSlot = (start: string): Answer<SlotDetail> => ask(`slots/${encodeURIComponent(start)}`);
export const askBook = (start: string): Answer<SlotBook> => ask(`slots/${encodeURIComponent(start)}/book`);
/** Results of slots that start in [from, to), newest first. */
export const askSlots = (from: string, to: string): Answer<SlotPage> =>
  ask(`slots?${new URLSearchParams({ from, to, limit: String(SLOTS_A_PAGE) }).toString()}`);
/** The last day's positions. */
export const askPosition = (party: string, from: string): Answer<PartyPosition> =>
  ask(`parties/${encodeURIComponent(party)}/position?${new URLSearchParams({ from }).toString()}`);

export const askControls = (): Answer<ControlList> => ask("controls");
export const tellStop = (by: string): Answer<StopAnswer> => tell("controls/stop", { by }, STOP_TIMEOUT_MS);
export const tellReset = (by: string): Answer<StopAnswer> => tell("controls/reset", { by });
export const tellRelease = (device: string): Answer<ControlList> =>
  tell(`controls/${encodeURIComponent(device)}/release`, {}, STOP_TIMEOUT_MS);
export const tellRead = (device: string): Answer<object> => tell(`devices/${encodeURIComponent(device)}/read`, {});
/** Until `validUntilMs`, in market time. */
export const tellDim = (home: string, importLimitW: number, validUntilMs: number): Answer<ControlList> =>
  tell(`homes/${encodeURIComponent(home)}/dim`, { import_limit_w: importLimitW, valid_until_ms: validUntilMs });
export const tellUndim = (home: string): Answer<ControlList> =>
  request(`homes/${encodeURIComponent(home)}/dim`, { method: "DELETE" });

/** The statement from the instant `from` on: all its pages as one, with totals over all lines. */
export async function askStatement(party: string, from: string): Answer<PartyStatement> {
  const lines: StatementLine[] = [];
  let [pageFrom, complete] = [from, true];
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await askStatementPage(party, pageFrom);
    if (!answer.ok) return answer;
    lines.push(...answer.value.lines);
    complete &&= answer.value.complete;
    if (answer.value.next === null) return ok({ ...answer.value, lines, complete, totals: totalsOf(lines) });
    pageFrom = answer.value.next;
  }
  return fail({ code: "STATEMENT_TOO_LONG", message: "the statement has more pages than this page reads" });
}

function askStatementPage(party: string, from: string): Answer<PartyStatement> {
  const query = new URLSearchParams({ from, limit: String(SLOTS_A_PAGE) });
  return ask(`parties/${encodeURIComponent(party)}/statement?${query.toString()}`);
}

/** The statement from the instant `from` on as a file. */
export async function askStatementFile(party: string, from: string): Answer<Blob> {
  const query = new URLSearchParams({ from }).toString();
  const path = apiPath(`parties/${encodeURIComponent(party)}/statement.csv?${query}`);
  try {
    const response = await fetch(path, { headers: requestHeaders(), signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.ok ? ok(await response.blob()) : fail(await failureOf(response));
  } catch (error) {
    return fail(unreachableServer(error));
  }
}

/** Sums to the last unit. */
export function totalsOf(lines: readonly StatementLine[]): PartyStatement["totals"] {
  const sum = (kind: StatementLine["kind"] | null): string =>
    String(
      lines.reduce((total, line) => ((kind ?? line.kind) === line.kind ? total + BigInt(line.amount_nano) : total), 0n),
    );
  return {
    trade_nano: sum("trade"),
    deviation_nano: sum("deviation"),
    credit_nano: sum("credit"),
    total_nano: sum(null),
  };
}

function ask<Value>(path: string): Answer<Value> {
  return request(path, {});
}

function tell<Value>(path: string, body: object, timeoutMs?: number): Answer<Value> {
  const headers = { "content-type": "application/json" };
  return request(path, { method: "POST", headers, body: JSON.stringify(body) }, timeoutMs);
}

interface Request {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function request<Value>(path: string, init: Request, timeoutMs = TIMEOUT_MS): Answer<Value> {
  const headers = { ...requestHeaders(), ...init.headers };
  try {
    const response = await fetch(apiPath(path), { ...init, headers, signal: AbortSignal.timeout(timeoutMs) });
    return response.ok ? ok((await response.json()) as Value) : fail(await failureOf(response));
  } catch (error) {
    return fail(unreachableServer(error));
  }
}

/** What a refusing response says; a body that is no problem document says nothing. */
export async function failureOf(response: Response): Promise<RequestFailure> {
  const fallback = { code: `HTTP_${response.status}`, message: `the gateway answered with status ${response.status}` };
  try {
    const { code, detail } = (await response.json()) as Partial<Problem>;
    return code === undefined || detail === undefined ? fallback : { code, message: detail };
  } catch {
    return fallback;
  }
}

/** The failure of a request that got no answer. */
export function unreachableServer(error: unknown): RequestFailure {
  const timeout = error instanceof DOMException && error.name === "TimeoutError";
  return timeout
    ? { code: "TIMEOUT", message: "the gateway did not answer in time" }
    : { code: "UNREACHABLE", message: "the gateway cannot be reached" };
}
