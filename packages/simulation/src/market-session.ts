/** The market node of a run, fed with commands that it must not refuse. */
import { assert, type InstantMs } from "@micromarket/kernel";
import {
  apply,
  foundMarket,
  openNode,
  type Command,
  type Journal,
  type MarketEvent,
  type MarketRules,
  type Outcome,
  type RefusalCode,
  type StateView,
} from "@micromarket/engine";

/** A market that obeys. */
export interface MarketSession {
  /** Applies `commands` at `at` as one group. A refusal throws: a sound scenario gives no reason for one. */
  obey(commands: readonly Command[], at: InstantMs): readonly MarketEvent[];
  /** The same, but refusals with the code `tolerated` are counted. */
  tell(commands: readonly Command[], at: InstantMs, tolerated: RefusalCode): ToldMarket;
  /** Applies one command, whose refusal the caller looks at. */
  attempt(command: Command, at: InstantMs): Outcome;
  /** What the node knows, for reading. */
  state(): StateView;
  /** Keeps the state beside the journal, where there is one, so that the journal can be looked at by itself. */
  close(): void;
}

/** What came of commands of which some may be refused. */
export interface ToldMarket {
  readonly events: readonly MarketEvent[];
  readonly refused: number;
}

/** Founds the market of `rules`: in memory alone, or over a `journal`, which must be empty. */
export function openSession(rules: MarketRules, journal: Journal | null): MarketSession {
  if (journal !== null) return journaledSession(rules, journal);
  const state = foundMarket(rules);
  return {
    obey: (commands, at) => commands.flatMap((command) => eventsOf(command, apply(state, command, at))),
    tell(commands, at, tolerated) {
      const outcomes = commands.map((command) => apply(state, command, at));
      return toldOf(commands, outcomes, tolerated);
    },
    attempt: (command, at) => apply(state, command, at),
    state: () => state,
    close: () => undefined,
  };
}

function journaledSession(rules: MarketRules, journal: Journal): MarketSession {
  assert(journal.last() === null, "a run needs an empty journal");
  const opened = openNode(rules, journal);
  assert(opened.ok, "an empty journal opens");
  const node = opened.value;
  return {
    obey(commands, at) {
      const outcomes = node.execute(commands, at);
      return outcomes.flatMap((outcome, index) => eventsOf(commands[index], outcome));
    },
    tell: (commands, at, tolerated) => toldOf(commands, node.execute(commands, at), tolerated),
    attempt(command, at) {
      const [outcome] = node.execute([command], at);
      assert(outcome !== undefined, "a command has an outcome");
      return outcome;
    },
    state: () => node.state,
    close: () => void node.snapshot(),
  };
}

function toldOf(commands: readonly Command[], outcomes: readonly Outcome[], tolerated: RefusalCode): ToldMarket {
  const taken = outcomes.map((outcome) => outcome.ok || outcome.refusal.code !== tolerated);
  const events = outcomes.flatMap((outcome, index) =>
    taken[index] === true ? eventsOf(commands[index], outcome) : [],
  );
  return { events, refused: taken.filter((isTaken) => !isTaken).length };
}

function eventsOf(command: Command | undefined, outcome: Outcome): readonly MarketEvent[] {
  assert(outcome.ok, `${command?.type ?? "a command"} was refused: ${outcome.ok ? "" : outcome.refusal.code}`);
  return outcome.events;
}
