/**
 * Conversations over several slots on a wire that loses, repeats, reorders and changes messages, with a market that refuses
 * some of what is said and restarts from its snapshot in the middle: what is signed in the end is what was obeyed.
 */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { instantMs, type HashHex, type InstantMs } from "@micromarket/kernel";
import { CallerSession, greetingOf, Session, slotRootOf, type SessionMessage } from "@micromarket/identity";
import {
  apply,
  encodeCommand,
  restoreState,
  snapshotText,
  stateHash,
  verifiedBefore,
  violatedInvariants,
  vouchFor,
  type Command,
  type InSession,
  type Outcome,
  type State,
} from "@micromarket/engine";
import { ANNE, slot, submit, tender } from "./street.ts";
import { ANNES, NOW, signedStreet } from "./signed-street.ts";
import { envelopeIn, ended, greetings, rootOwed, secretOf, signedRoot, UNTIL } from "./session-street.ts";

/** What happens next. */
type Step =
  /** Something is said, and what becomes of it on the wire. */
  | { readonly kind: "say"; readonly isSound: boolean; readonly fate: Fate }
  /** The caller signs the oldest slot that it can; or somebody signs something else. */
  | { readonly kind: "sign"; readonly what: "its own" | "another root" | "another count" }
  | { readonly kind: "wait"; readonly minutes: number }
  /** The operator journals something that nobody said; in a market of its own, to see what comes of it. */
  | { readonly kind: "forge" }
  | { readonly kind: "restart" }
  | { readonly kind: "end" };

type Fate =
  "arrives" | "arrives twice" | "is overtaken" | "is changed" | "gets another MAC" | "comes a second time later";

const OPENING = greetings();
const MARKET = snapshotText(signedStreet());
const IDS = { caller: envelopeIn(OPENING.greeting).id, called: envelopeIn(OPENING.answer).id };

/** Both sides; agreeing on keys anew costs more than all that is said. */
function sides(): { readonly caller: CallerSession; readonly node: Session } {
  const [caller, node] = [
    Session.open("caller", secretOf("caller"), greetingOf(secretOf("node")), IDS),
    Session.open("called", secretOf("node"), greetingOf(secretOf("caller")), IDS),
  ];
  if (!caller.ok || !node.ok) throw new Error("the greetings are sound");
  return { caller: new CallerSession(caller.value, UNTIL), node: node.value };
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        kind: fc.constant("say" as const),
        isSound: fc.constantFrom(true, true, true, false),
        fate: fc.constantFrom<Fate>(
          ...Array.from({ length: 12 }, () => "arrives" as const),
          ...([
            "arrives twice",
            "is overtaken",
            "is changed",
            "gets another MAC",
            "comes a second time later",
          ] as const),
        ),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("sign" as const),
        what: fc.constantFrom(
          "its own" as const,
          "its own" as const,
          "another root" as const,
          "another count" as const,
        ),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("wait" as const), minutes: fc.integer({ min: 1, max: 20 }) }),
    },
    { weight: 1, arbitrary: fc.constant<Step>({ kind: "forge" }) },
    { weight: 1, arbitrary: fc.constant<Step>({ kind: "restart" }) },
  ),
  { maxLength: 40, size: "max" },
);

/** A conversation and the market that it takes place in. */
class Talk {
  state: State;
  now: InstantMs = NOW;
  readonly id: HashHex;
  readonly journal: { readonly command: Command; readonly at: InstantMs }[] = [];
  readonly codes = new Set<string>();
  readonly #caller: CallerSession;
  readonly #node: Session;
  /** What was obeyed, slot by slot: the obvious list that every root is held against. */
  readonly #taken = new Map<InstantMs, Pick<SessionMessage, "sequence" | "body">[]>();
  readonly #late: SessionMessage[] = [];
  #count = 0;

  constructor() {
    const { caller, node } = sides();
    [this.#caller, this.#node, this.id] = [caller, node, caller.id];
    this.state = restored(MARKET);
    expect(this.tell(OPENING)).toMatchObject({ ok: true });
  }

  step(step: Step): void {
    switch (step.kind) {
      case "say":
        return this.#say(step.isSound, step.fate);
      case "sign":
        return this.#sign(step.what);
      case "wait":
        this.now = instantMs(this.now + step.minutes * 60_000);
        return;
      case "forge":
        return this.#forge();
      case "restart":
        this.state = restored(snapshotText(this.state));
        return;
      case "end":
        this.tell(ended({ session: this.id }, ANNES.gateway, this.#window()));
    }
  }

  /** The market is told something; a refusal must change nothing. */
  tell(command: Command): Outcome {
    const before = stateHash(this.state);
    const outcome = apply(this.state, command, this.now, verifiedBefore);
    if (outcome.ok) this.journal.push({ command, at: this.now });
    else {
      expect(stateHash(this.state)).toBe(before);
      this.codes.add(outcome.refusal.code);
    }
    return outcome;
  }

  /** The caller says something, of which the market obeys what is sound and in time. */
  #say(isSound: boolean, fate: Fate): void {
    this.#count += 1;
    const body = encodeCommand(submit(slot(8 + (this.#count % 2)), this.#tender(isSound)));
    const message = this.#caller.sealText(body);
    const other = {
      body: body.replace("buy", "sell"),
      mac: message.mac.replace(/^./, (digit) => (digit === "0" ? "1" : "0")),
    };
    if (fate === "is changed") this.#meets({ ...message, body: other.body }, "MAC_WRONG");
    if (fate === "gets another MAC") this.#meets({ ...message, mac: other.mac }, "MAC_WRONG");
    const next = fate === "is overtaken" ? this.#caller.sealText(body) : null; // as after one that was lost on the way
    if (next !== null) this.#meets(next, "SEQUENCE_BROKEN");
    const vouched = this.#meets(message, null);
    if (fate === "arrives twice") this.#meets(message, "SEQUENCE_BROKEN");
    if (fate === "comes a second time later") this.#late.push(message);
    for (const late of this.#late) if (late !== message) this.#meets(late, "SEQUENCE_BROKEN");
    this.#tell(vouched, message);
    if (next !== null) this.#tell(this.#meets(next, null), next); // sent again, in its turn
  }

  /** The market hears it, twice, and the caller what became of it. */
  #tell(vouched: InSession | null, message: SessionMessage): void {
    if (vouched === null) return;
    const outcome = this.tell(vouched);
    if (!outcome.ok) expect(this.#caller.noteRefused(message.sequence).ok).toBe(true);
    else this.#note(message, outcome);
    const again = this.tell(vouched);
    if (outcome.ok) expect(again).toMatchObject({ ok: false, refusal: { code: "SEQUENCE_BROKEN" } });
  }

  #tender(isSound: boolean) {
    return tender(`anne/${this.#count}`, ANNE, "buy", [isSound ? 200_000 : 200_001, 1 + this.#count]);
  }

  /** What the edge makes of a message. */
  #meets(message: SessionMessage, code: string | null): InSession | null {
    const vouched = vouchFor(this.#node, message);
    expect(vouched.ok ? null : vouched.error.code).toBe(code);
    if (!vouched.ok) this.codes.add(vouched.error.code);
    return vouched.ok ? vouched.value : null;
  }

  #note(message: SessionMessage, outcome: Extract<Outcome, { readonly ok: true }>): void {
    const taken = outcome.events.at(-1);
    if (taken?.type !== "SessionMessageTaken") throw new Error("the market says in which slot it took a message");
    expect(taken.slot).toBe(this.now - ((this.now - slot(0)) % 900_000));
    expect(this.#caller.noteTaken(taken.sequence, taken.slot)).toEqual({ ok: true, value: null });
    this.#taken.set(taken.slot, [...(this.#taken.get(taken.slot) ?? []), message]);
  }

  #sign(what: "its own" | "another root" | "another count"): void {
    const [oldest] = this.#caller.unsignedSlots;
    if (oldest === undefined) return;
    const own = this.#caller.rootOf(oldest);
    expect(own).toEqual(slotRootOf(this.id, oldest, this.#taken.get(oldest) ?? []));
    expect(own).toEqual(rootOwed(this.state, this.id, oldest));
    const root = {
      ...own,
      ...(what === "another root" ? { root: envelopeIn(OPENING.greeting).id } : {}),
      ...(what === "another count" ? { count: own.count + 1 } : {}),
    };
    const outcome = this.tell(signedRoot(root, ANNES.gateway, this.#window()));
    if (outcome.ok) {
      expect(what).toBe("its own");
      this.#caller.noteSigned(oldest);
    }
  }

  /** In a copy of the market: the forged message counts there, and no root of the caller's fits its slot any more. */
  #forge(): void {
    const { state, now } = this;
    const session = state.sessions.get(this.id);
    const copy = restored(snapshotText(state));
    const body = encodeCommand(submit(slot(9), tender("anne/forged", ANNE, "buy", [1_000_000, 9_999])));
    const forged: Command = { type: "InSession", session: this.id, sequence: (session?.sequence ?? 0) + 1, body };
    const outcome = apply(copy, forged, now, verifiedBefore);
    const taken = outcome.ok ? outcome.events.at(-1) : undefined;
    if (taken?.type !== "SessionMessageTaken") return;
    const later = instantMs(taken.slot + 900_000);
    const window = { notBefore: later, expires: instantMs(later + 60_000) };
    const signing = signedRoot(this.#caller.rootOf(taken.slot), ANNES.gateway, window);
    expect(apply(copy, signing, later, verifiedBefore)).toMatchObject({ refusal: { code: "SESSION_COUNT_DIFFERS" } });
  }

  /** Told twice in one minute the same is a replay: each has a salt of its own. */
  #window() {
    this.#count += 1;
    return { notBefore: this.now, expires: instantMs(this.now + 60_000), salt: String(this.#count) };
  }
}

function restored(text: string): State {
  const state = restoreState(text);
  if (!state.ok) throw new Error(JSON.stringify(state.error));
  return state.value;
}

test("what is signed is what was obeyed, whatever the wire, the clock and the market do", () => {
  const codes = new Map<string, number>();
  fc.assert(
    fc.property(steps, fc.boolean(), (run, isEnded) => {
      const talk = new Talk();
      for (const step of isEnded ? [...run, { kind: "end" as const }] : run) talk.step(step);
      expect(violatedInvariants(talk.state)).toEqual([]);
      const again = restored(MARKET);
      for (const { command, at } of talk.journal)
        expect(apply(again, command, at, verifiedBefore)).toMatchObject({ ok: true });
      expect(stateHash(again)).toBe(stateHash(talk.state));
      for (const code of talk.codes) codes.set(code, (codes.get(code) ?? 0) + 1);
    }),
    { numRuns: 60 },
  );
  const wanted = [
    ...["MAC_WRONG", "SEQUENCE_BROKEN", "PRICE_OFF_TICK", "SESSION_ROOT_OVERDUE", "SESSION_SLOT_RUNNING"],
    ...["SESSION_COUNT_DIFFERS", "SESSION_ROOT_DIFFERS"],
  ];
  for (const code of wanted) expect({ code, often: codes.get(code) ?? 0 }).not.toEqual({ code, often: 0 });
});
