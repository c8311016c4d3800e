import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { authorise, SCOPES, type PartyGrant, type Scope } from "@micromarket/api-http";

const grant = (party: string, ...scopes: readonly Scope[]): PartyGrant => ({ party, scopes: new Set(scopes) });

/** Who asks. */
const PRINCIPALS = {
  nobody: [],
  "reader of anne": [grant("anne", "read")],
  "trader of anne": [grant("anne", "trade")],
  "anne herself": [grant("anne", "read", "trade", "admin")],
  "of anne and bert": [grant("anne", "read", "trade"), grant("bert", "read")],
  "reader of all": [grant("*", "read")],
  "reader of all, trader of anne": [grant("*", "read"), grant("anne", "trade")],
  "admin of all": [grant("*", "admin")],
  operator: [grant("*", "read", "trade", "admin")],
} as const satisfies Readonly<Record<string, readonly PartyGrant[]>>;

/** What is answered to read / trade / admin: y yes, f forbidden, u the party is unknown. */
type Row = readonly [
  who: keyof typeof PRINCIPALS,
  market: string,
  everyone: string,
  anne: string,
  bert: string,
  ghost: string,
];

const MATRIX: readonly Row[] = [
  ["nobody", "yff", "fff", "uuu", "uuu", "uuu"],
  ["reader of anne", "yff", "fff", "yff", "uuu", "uuu"],
  ["trader of anne", "yff", "fff", "fyf", "uuu", "uuu"],
  ["anne herself", "yff", "fff", "yyy", "uuu", "uuu"],
  ["of anne and bert", "yff", "fff", "yyf", "yff", "uuu"],
  ["reader of all", "yff", "yff", "yff", "yff", "yff"],
  ["reader of all, trader of anne", "yff", "yff", "yyf", "yff", "yff"],
  ["admin of all", "yfy", "ffy", "ffy", "ffy", "ffy"],
  ["operator", "yyy", "yyy", "yyy", "yyy", "yyy"],
];

const LETTERS = { FORBIDDEN: "f", PARTY_UNKNOWN: "u" } as const;

describe("who may do what with whom", () => {
  test.each(MATRIX)("%s", (who, ...expected) => {
    const answers = [null, "*", "anne", "bert", "ghost"].map((party) =>
      SCOPES.map((scope) => {
        const answer = authorise({ grants: PRINCIPALS[who] }, scope, party);
        return answer.ok ? "y" : LETTERS[answer.error.code];
      }).join(""),
    );
    expect(answers).toEqual(expected);
  });

  test("a party that exists is refused in the words of one that does not", () => {
    for (const grants of Object.values(PRINCIPALS)) {
      for (const scope of SCOPES) {
        const [bert, ghost] = ["bert", "ghost"].map((party) => authorise({ grants }, scope, party));
        if (grants.some(({ party }: PartyGrant) => party === "bert")) continue;
        expect(bert).toEqual(ghost);
      }
    }
  });

  test("a grant more never takes anything away, and of another party gives nothing", () => {
    const parties = fc.constantFrom("anne", "bert", "carl");
    const grants = fc.array(
      fc.record({ party: parties, scopes: fc.subarray([...SCOPES], { minLength: 1 }).map((all) => new Set(all)) }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(grants, grants, fc.constantFrom(...SCOPES), parties, (some, more, scope, party) => {
        const before = authorise({ grants: some }, scope, party).ok;
        if (before) expect(authorise({ grants: [...some, ...more] }, scope, party).ok).toBe(true);
        const others = more.filter((each) => each.party !== party);
        expect(authorise({ grants: [...some, ...others] }, scope, party).ok).toBe(before);
        expect(before).toBe(some.some((each) => each.party === party && each.scopes.has(scope)));
      }),
      { numRuns: 2_000 },
    );
  });
});
