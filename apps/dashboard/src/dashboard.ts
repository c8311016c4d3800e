/**
 * All that the page knows, as signals, and what it can do.
 *
 * Invariants: market data comes from the stream; a snapshot makes everything else be fetched again; what is derived is
 * computed from the signals and kept nowhere.
 */
import { batch, computed, effect, signal } from "@preact/signals";
import { ok } from "@micromarket/kernel";
import type { LiveEvent, PartyList, PartyPosition, PartyStatement, SlotBook, SlotDetail } from "@micromarket/api-http";
import {
  askBook,
  askDevices,
  askMarket,
  askParties,
  askPosition,
  askSlot,
  askSlots,
  askStatement,
  askStatementFile,
  rememberToken,
  type Answer,
  type RequestFailure,
} from "./api.ts";
import { controlDesk } from "./control-desk.ts";
import { connectionOf, type Contact } from "./connection.ts";
import { LiveStream } from "./live-stream.ts";
import { Loader } from "./loader.ts";
import { marketTime, type ClockReading } from "./market-clock.ts";
import { presentOf } from "./market-present.ts";
import { afterEvent, afterRefresh, HISTORY_MS, withSlots, type MarketState } from "./market-state.ts";
import { recall, remember } from "./remembered-text.ts";

/** A slot's result and its book. */
export interface SlotView {
  readonly detail: SlotDetail;
  readonly book: SlotBook;
}

/** What a party traded and what it cost. */
export interface AccountView {
  readonly position: PartyPosition;
  readonly statement: PartyStatement;
}

const TICK_MS = 500;
/** Ages and the server's own view of what is stale are asked for at least this often. */
const REFRESH_MS = 15_000;
/** Events come in bursts: one fetch for all of a burst. */
const BURST_MS = 250;

const now = signal(Date.now());
const contact = signal<Contact>({ open: false, heardMs: null });
const streamFailure = signal<RequestFailure | null>(null);
const state = signal<MarketState | null>(null);
const clock = signal<ClockReading | null>(null);
const chosenSlot = signal<number | null>(null);
const party = signal<string | null>(recall("browser", "party"));
const fault = signal<string | null>(null);
const parties = new Loader<PartyList>();
const slot = new Loader<SlotView>();
const account = new Loader<AccountView>();
const saveFailure = signal<RequestFailure | null>(null);

const connection = computed(() => connectionOf(contact.value, state.value?.market.stale.market ?? false, now.value));
const marketMs = computed(() => (clock.value === null ? null : marketTime(clock.value, now.value)));
const present = computed(() =>
  state.value === null || marketMs.value === null
    ? null
    : presentOf(state.value.market, state.value.slots, marketMs.value),
);
/** The chosen slot, or the latest one where none is chosen or the chosen one is out of the history. */
const shownSlot = computed(() => {
  const slots = state.value?.slots ?? [];
  return slots.find(({ start_ms }) => start_ms === chosenSlot.value) ?? slots.at(-1) ?? null;
});

const stream = new LiveStream({
  opened: () => {
    batch(() => {
      contact.value = { open: true, heardMs: Date.now() };
      streamFailure.value = null;
    });
    refreshSoon(); // events that were missed say nothing of the clock and of what is stale
  },
  heard: () => {
    contact.value = { open: true, heardMs: Date.now() };
  },
  event: takeEvent,
  closed: (failure) => {
    batch(() => {
      now.value = Date.now();
      contact.value = { ...contact.peek(), open: false };
      streamFailure.value = failure;
    });
  },
});

/** What changes the meters' part of a slot. */
const METERED: ReadonlySet<LiveEvent["type"]> = new Set([
  "delivery-posted",
  "delivery-estimated",
  "delivery-trued-up",
  "slot-settled",
]);

function takeEvent(event: LiveEvent): void {
  if (event.type === "controls") return controlDesk.take(event.data);
  batch(() => {
    now.value = Date.now();
    state.value = afterEvent(state.peek(), event);
    if (event.type === "snapshot") setClock(event.data.market.clock);
  });
  if (event.type === "snapshot") {
    void completeHistory();
    reloadSlot();
    void parties.load(askParties);
    reloadAccount();
    controlDesk.refresh();
  }
  if (event.type === "gate-closed") refreshSoon();
  if (event.type !== "device-observed" && event.type !== "snapshot") reloadAccountSoon();
  if (METERED.has(event.type) && "slot_ms" in event.data && isShown(event.data.slot_ms)) {
    reloadSlotSoon();
  }
}

function setClock({ server_ms, factor }: { readonly server_ms: number; readonly factor: number | null }): void {
  clock.value = { serverMs: server_ms, receivedMs: Date.now(), factor };
}

function isShown(startMs: number): boolean {
  return shownSlot.peek()?.start_ms === startMs;
}

/** Calls `act` once, a moment after the first of several calls. */
function afterBurst(act: () => void): () => void {
  let pending = false;
  return () => {
    if (pending) return;
    pending = true;
    setTimeout(() => {
      pending = false;
      act();
    }, BURST_MS);
  };
}

const refreshSoon = afterBurst(() => void refresh());
const reloadSlotSoon = afterBurst(reloadSlot);
const reloadAccountSoon = afterBurst(reloadAccount);

/** What the server knows better than the events tell: clock, staleness, ages. */
async function refresh(): Promise<void> {
  if (!contact.peek().open) return;
  const [market, devices] = await Promise.all([askMarket(), askDevices()]);
  const current = state.peek();
  if (!market.ok || !devices.ok || current === null) return; // the stream says by itself when the server is gone
  batch(() => {
    state.value = afterRefresh(current, market.value, devices.value.devices);
    setClock(market.value.clock);
  });
}

/** A snapshot holds a fixed number of slots; with short slots that is less than a day. */
async function completeHistory(): Promise<void> {
  const slots = state.peek()?.slots ?? [];
  const [oldest, newest] = [slots[0], slots.at(-1)];
  if (oldest === undefined || newest === undefined) return;
  const from = new Date(newest.start_ms - HISTORY_MS).toISOString();
  const older = await askSlots(from, oldest.start);
  const current = state.peek();
  if (older.ok && current !== null) state.value = { ...current, slots: withSlots(older.value.slots, current.slots) };
}

function reloadSlot(): void {
  const shown = shownSlot.peek();
  if (shown !== null) void slot.load(() => askSlotView(shown.start));
}

async function askSlotView(of: string): Answer<SlotView> {
  const [detail, book] = await Promise.all([askSlot(of), askBook(of)]);
  if (!detail.ok) return detail;
  return book.ok ? ok({ detail: detail.value, book: book.value }) : book;
}

function reloadAccount(): void {
  const id = party.peek();
  const from = dayBefore(marketMs.peek());
  if (id === null || from === null) return;
  void account.load(() => askAccountView(id, from));
}

async function askAccountView(id: string, from: string): Answer<AccountView> {
  const [position, statement] = await Promise.all([askPosition(id, from), askStatement(id, from)]);
  if (!position.ok) return position;
  return statement.ok ? ok({ position: position.value, statement: statement.value }) : statement;
}

/** Gives the last day's statement to the browser as a file. A link could not carry the token. */
async function saveStatement(): Promise<void> {
  const id = party.peek();
  const from = dayBefore(marketMs.peek());
  if (id === null || from === null) return;
  const answer = await askStatementFile(id, from);
  saveFailure.value = answer.ok ? null : answer.error;
  if (!answer.ok) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(answer.value);
  link.download = `statement-${id}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), BURST_MS);
}

/** Where a history that ends at `at` begins, as the API wants it; `null` before the first word of the clock. */
function dayBefore(at: number | null): string | null {
  return at === null ? null : new Date(Math.floor(at - HISTORY_MS)).toISOString();
}

/** Shows the slot that starts at `startMs`; `null` follows the latest. */
function chooseSlot(startMs: number | null): void {
  chosenSlot.value = startMs;
}

/** Shows the accounts of `id` from now on, also after the page is opened again. */
function chooseParty(id: string): void {
  remember("browser", "party", id);
  account.clear();
  saveFailure.value = null;
  party.value = id;
  reloadAccount();
}

function giveToken(token: string): void {
  rememberToken(token);
  stream.retryNow();
  controlDesk.refresh();
}

function start(): void {
  addEventListener("error", ({ message }) => (fault.value = message));
  addEventListener("unhandledrejection", ({ reason }) => (fault.value = String(reason)));
  addEventListener("online", () => stream.retryNow());
  effect(() => {
    if (shownSlot.value !== null) reloadSlot();
  });
  setInterval(() => (now.value = Date.now()), TICK_MS);
  setInterval(() => void refresh(), REFRESH_MS);
  controlDesk.start();
  void stream.follow();
}

/** The page's one source. */
export const dashboard = {
  now,
  connection,
  streamFailure,
  state,
  clock,
  marketMs,
  present,
  shownSlot,
  chosenSlot,
  party,
  parties: parties.state,
  slot: slot.state,
  account: account.state,
  saveFailure,
  fault,
  chooseSlot,
  chooseParty,
  reloadSlot,
  reloadAccount,
  saveStatement,
  giveToken,
  start,
};
