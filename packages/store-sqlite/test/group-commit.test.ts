import { describe, expect, test } from "@jest/globals";
import { instantMs, MINUTE, type InstantMs } from "@micromarket/kernel";
import { JournalFailure, NodeFailure, openNode, type Command } from "@micromarket/engine";
import { GroupCommit, GroupCommitClosed, QueueFull } from "@micromarket/store-sqlite";
import {
  createMemoryDisk,
  createMemoryJournal,
  createVirtualClock,
  marketRules,
  NOON,
  registerParty,
} from "@micromarket/testkit";
import { setImmediate as nextTurn } from "node:timers/promises";

interface Group {
  readonly parties: readonly string[];
  readonly at: InstantMs;
}

/** Answers each command with its party's name in capitals and remembers the groups. */
function recordingExecutor() {
  const groups: Group[] = [];
  let failure: Error | null = null;
  return {
    groups,
    failWith: (next: Error) => {
      failure = next;
    },
    execute: (commands: readonly Command[], at: InstantMs): string[] => {
      if (failure !== null) throw failure;
      const parties = commands.map((command) => (command.type === "RegisterParty" ? command.party : "?"));
      groups.push({ parties, at });
      return parties.map((party) => party.toUpperCase());
    },
  };
}

describe("group commit", () => {
  test("what comes in one turn is one group, in order of arrival, each with its own outcome", async () => {
    const executor = recordingExecutor();
    const commit = new GroupCommit(executor, () => NOON);
    const outcomes = ["anna", "ben", "cem"].map((party) => commit.submit(registerParty(party)));
    expect(executor.groups).toEqual([]);
    expect(await Promise.all(outcomes)).toEqual(["ANNA", "BEN", "CEM"]);
    expect(executor.groups).toEqual([{ parties: ["anna", "ben", "cem"], at: NOON }]);
  });

  test("what comes in microtasks of the turn still joins; the next turn is the next group", async () => {
    const executor = recordingExecutor();
    const clock = createVirtualClock(NOON);
    const commit = new GroupCommit(executor, clock.now);
    const first = commit.submit(registerParty("anna"));
    await Promise.resolve();
    const second = commit.submit(registerParty("ben"));
    await Promise.all([first, second]);
    clock.advance(MINUTE);
    await commit.submit(registerParty("cem"));
    expect(executor.groups).toEqual([
      { parties: ["anna", "ben"], at: NOON },
      { parties: ["cem"], at: instantMs(NOON + 60_000) },
    ]);
  });

  test("no promise resolves before the group is durable", async () => {
    const executor = recordingExecutor();
    const commit = new GroupCommit(executor, () => NOON);
    let groupsAtAnswer = -1;
    const outcome = commit.submit(registerParty("anna")).then(() => {
      groupsAtAnswer = executor.groups.length;
    });
    await Promise.resolve();
    expect(groupsAtAnswer).toBe(-1);
    await outcome;
    expect(groupsAtAnswer).toBe(1);
  });

  test("a failure rejects the whole group and everything after it", async () => {
    const executor = recordingExecutor();
    const commit = new GroupCommit(executor, () => NOON);
    expect(await commit.submit(registerParty("anna"))).toBe("ANNA");
    const failure = new JournalFailure({ code: "DISK_FULL", what: "the disk is full", mend: "free some space" });
    executor.failWith(failure);
    const settled = await Promise.allSettled(["ben", "cem"].map((party) => commit.submit(registerParty(party))));
    expect(settled).toEqual([
      { status: "rejected", reason: failure },
      { status: "rejected", reason: failure },
    ]);
    await expect(commit.submit(registerParty("dora"))).rejects.toBe(failure);
    commit.close();
    await expect(commit.submit(registerParty("eva"))).rejects.toBe(failure);
    expect(executor.groups).toHaveLength(1);
  });

  test("an executor that answers too few is a bug, and nobody is told a wrong outcome", async () => {
    const commit = new GroupCommit({ execute: () => ["only one"] }, () => NOON);
    const settled = await Promise.allSettled(["ben", "cem"].map((party) => commit.submit(registerParty(party))));
    expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(commit.submit(registerParty("dora"))).rejects.toThrow("2 commands had 1 outcomes");
  });

  test("a clock that throws rejects the group instead of hanging it", async () => {
    const commit = new GroupCommit(recordingExecutor(), () => {
      throw new Error("the clock is not set");
    });
    await expect(commit.submit(registerParty("anna"))).rejects.toThrow("the clock is not set");
  });

  test("one more than may wait is refused and changes nothing; the next turn takes it", async () => {
    const executor = recordingExecutor();
    const commit = new GroupCommit(executor, () => NOON, { waitingMax: 2 });
    const taken = [commit.submit(registerParty("anna")), commit.submit(registerParty("ben"))];
    await expect(commit.submit(registerParty("cem"))).rejects.toThrow(QueueFull);
    expect(await Promise.all(taken)).toEqual(["ANNA", "BEN"]);
    expect(await commit.submit(registerParty("cem"))).toBe("CEM");
    expect(executor.groups.map(({ parties }) => parties)).toEqual([["anna", "ben"], ["cem"]]);
  });

  test("closing executes what waits and refuses what comes", async () => {
    const executor = recordingExecutor();
    const commit = new GroupCommit(executor, () => NOON);
    const waiting = commit.submit(registerParty("anna"));
    commit.close();
    expect(executor.groups).toHaveLength(1);
    await expect(commit.submit(registerParty("ben"))).rejects.toThrow(GroupCommitClosed);
    expect(await waiting).toBe("ANNA");
    await nextTurn();
    expect(executor.groups).toHaveLength(1);
  });
});

describe("group commit on a market node", () => {
  test("answers with the node's outcomes, refusals among them", async () => {
    const disk = createMemoryDisk();
    const opened = openNode(marketRules(), createMemoryJournal(disk));
    if (!opened.ok) throw new Error(opened.error.code);
    const commit = new GroupCommit(opened.value, () => NOON);
    const outcomes = await Promise.all(["anna", "anna", "ben"].map((party) => commit.submit(registerParty(party))));
    expect(outcomes.map((outcome) => (outcome.ok ? outcome.sequence : outcome.refusal.code))).toEqual([
      1,
      "PARTY_ALREADY_REGISTERED",
      2,
    ]);
    expect(disk.entries).toHaveLength(2);
  });

  test("a journal that fails rejects the group with its cause, whatever became of the entries", async () => {
    const journal = createMemoryJournal();
    const opened = openNode(marketRules(), journal);
    if (!opened.ok) throw new Error(opened.error.code);
    const commit = new GroupCommit(opened.value, () => NOON);
    await commit.submit(registerParty("anna"));
    journal.failNextAppend("kept");
    const failing = commit.submit(registerParty("ben"));
    await expect(failing).rejects.toBeInstanceOf(NodeFailure);
    await expect(failing).rejects.toMatchObject({ cause: { name: "JournalFailure" } });
    await expect(commit.submit(registerParty("cem"))).rejects.toBeInstanceOf(NodeFailure);
  });
});
