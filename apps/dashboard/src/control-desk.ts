/**
 * Controls as signals, and what an operator does about them. Apart from the dashboard, because it must work when the
 * market does not: it asks by itself, and needs neither the stream nor a snapshot.
 */
import { signal } from "@preact/signals";
import type { ControlList, ControlNews } from "@micromarket/api-http";
import {
  askControls,
  tellDim,
  tellRead,
  tellRelease,
  tellReset,
  tellStop,
  tellUndim,
  type Answer,
  type RequestFailure,
} from "./api.ts";
import { afterControlNews, knownControls, type KnownControls } from "./control-state.ts";

const ASK_AGAIN_MS = 5_000;

const known = signal<KnownControls | null>(null);
/** Why the last question for the controls has no answer. */
const failure = signal<RequestFailure | null>(null);
/** How the last thing that was done about a device or a home ended. */
const outcomes = signal<ReadonlyMap<string, string>>(new Map());

async function refresh(): Promise<void> {
  const answer = await askControls();
  failure.value = answer.ok ? null : answer.error;
  if (answer.ok) known.value = knownControls(answer.value, Date.now());
  else if (answer.error.code === "CONTROLS_ABSENT") known.value = null;
}

function take(news: ControlNews): void {
  failure.value = null;
  known.value = afterControlNews(known.peek(), news, Date.now());
}

/** Stops everything; `null` when it is done. */
async function stop(by: string): Promise<RequestFailure | null> {
  const answer = await tellStop(by);
  void refresh();
  return answer.ok ? null : answer.error;
}

async function reset(by: string): Promise<RequestFailure | null> {
  const answer = await tellReset(by);
  void refresh();
  return answer.ok ? null : answer.error;
}

async function note(subject: string, done: string, answer: Answer<ControlList | object>): Promise<void> {
  const outcome = (text: string): void => void (outcomes.value = new Map([...outcomes.peek(), [subject, text]]));
  outcome("asking …");
  const result = await answer;
  outcome(result.ok ? done : `Not done: ${result.error.message}.`);
  if (result.ok && "controls" in result.value) known.value = knownControls(result.value, Date.now());
}

function start(): void {
  void refresh();
  setInterval(() => {
    if (failure.peek()?.code !== "CONTROLS_ABSENT") void refresh();
  }, ASK_AGAIN_MS);
}

/** The page's desk. */
export const controlDesk = {
  known,
  failure,
  outcomes,
  refresh: () => void refresh(),
  take,
  stop,
  reset,
  release: (device: string) => void note(device, "Given back.", tellRelease(device)),
  read: (device: string) => void note(device, "Read.", tellRead(device)),
  dim: (home: string, importLimitW: number, validUntilMs: number) =>
    void note(home, "The limit holds.", tellDim(home, importLimitW, validUntilMs)),
  undim: (home: string) => void note(home, "The limit is lifted.", tellUndim(home)),
  start,
};
