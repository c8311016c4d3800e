/** A street that is traded from outside: the real engine behind a desk, its journal and its archive in memory. */
import { openNode, type Command, type Executed, type MarketEvent, type MarketRules } from "@micromarket/engine";
import { instantMs, type InstantMs } from "@micromarket/kernel";
import type { OrderArchive } from "@micromarket/protocol";
import {
  closeGate,
  createArchiveDisk,
  createMemoryArchive,
  createMemoryDisk,
  createMemoryJournal,
  createVirtualClock,
  creditAccount,
  marketRules,
  NOON,
  registerParty,
  setTariff,
  type VirtualClock,
} from "@micromarket/testkit";
import { createReadModel, type ReadModel, type TradingDesk } from "@micromarket/api-http";

export const HOMES = ["anne", "bert", "carl"] as const;

/** A running street. */
export interface TradingStreet {
  readonly rules: MarketRules;
  readonly model: ReadModel;
  readonly clock: VirtualClock;
  readonly archive: OrderArchive;
  readonly desk: TradingDesk;
  /** Executes commands at once. */
  readonly obey: (...commands: readonly Command[]) => readonly Executed[];
  /** Lets time pass until the gate of the slot closes, and closes it. */
  readonly closeGateOf: (slot: InstantMs) => void;
  /** Whether the market takes orders. */
  isTrading: boolean;
  /** What the desk waits for before it executes: a disk that is slow. */
  hold: Promise<void> | null;
}

/** A founded street an hour before noon: three homes with funds, tariff 0.30, feed-in 0.08. */
export function tradingStreet(rules: MarketRules = marketRules()): TradingStreet {
  const opened = openNode(rules, createMemoryJournal(createMemoryDisk()));
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const node = opened.value;
  const clock = createVirtualClock(instantMs(NOON - 3_600_000));
  const model = createReadModel({ rules, since: clock.now() });
  const archive = createMemoryArchive({ disk: createArchiveDisk() });
  const obey = (...commands: readonly Command[]): readonly Executed[] => {
    const outcomes = node.execute(commands, clock.now());
    const { head, state } = node;
    commands.forEach((command, index) => {
      const outcome = outcomes[index];
      if (outcome?.ok !== true) return;
      const { sequence, events } = outcome;
      archive.record({ sequence, at: state.at, hash: sequence === head.sequence ? head.hash : null, command, events });
      tell(model, events, state.at);
    });
    return outcomes;
  };
  const submit = async (commands: readonly Command[]): Promise<readonly Executed[]> => {
    await Promise.resolve();
    if (street.hold !== null) await street.hold;
    return obey(...commands);
  };
  const desk: TradingDesk = { rules, archive, submit, direct: submit, isTrading: () => street.isTrading };
  const street: TradingStreet = {
    ...{ rules, model, clock, archive, desk, obey, isTrading: true, hold: null },
    closeGateOf: (slot) => {
      clock.set(instantMs(slot - rules.gateLead));
      const [closed] = obey(closeGate(slot));
      if (closed?.ok !== true) throw new Error(JSON.stringify(closed));
    },
  };
  obey(...HOMES.map((home) => registerParty(home)));
  obey(...HOMES.map((home) => creditAccount(home, 5_000_000_000n, `payment of ${home}`)));
  obey(setTariff(instantMs(0), 300_000, 80_000));
  return street;
}

function tell(model: ReadModel, events: readonly MarketEvent[], at: InstantMs): void {
  model.record(events, at);
}
