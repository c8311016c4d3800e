/** The identity of what is run: everything that the market, the homes and the agents see, with all defaults expanded. */
import { hashCanonical, hashText, type CanonicalValue, type HashHex } from "@micromarket/kernel";
import { rulesRecord } from "@micromarket/engine";
import type { GridPlan, Home, Scenario } from "@micromarket/simulation";

/**
 * SHA-256 over the canonical form of `scenario` without its seed, which manifests state beside it. Series stand in it as
 * the hashes of their values. Two files that say the same in other words have the same hash.
 */
export function scenarioHash(scenario: Scenario): HashHex {
  const { grid, meters, ...plain } = scenario;
  const { bidding, homes, tariff, feedIn, carbon } = plain;
  return hashCanonical("micromarket/scenario/1", {
    ...plain,
    seed: null,
    rules: rulesRecord(plain.rules),
    bidding: { ...bidding },
    homes: homes.map(homeValue),
    tariff: series(tariff),
    feedIn: series(feedIn),
    carbon: carbon === null ? null : series(carbon),
    ...(meters === undefined ? {} : { meters: { ...meters } }),
    ...(grid === undefined ? {} : { grid: gridValue(grid) }),
  });
}

/** A home; what it has to begin with stands in it where there is some. */
function homeValue({ id, load, pv, deposit, creditLine }: Home): CanonicalValue {
  return {
    ...{ id, load: series(load), pv: series(pv) },
    ...(deposit === undefined ? {} : { deposit: String(deposit) }),
    ...(creditLine === undefined ? {} : { creditLine: String(creditLine) }),
  };
}

function series(values: readonly number[]): HashHex {
  return hashText(values.join(","));
}

/** A tree; the ties of a node stand in it as their hash, which nodes of one kind share. */
function gridValue({ nodes, places, levels, loadBids, positionSteps, membersMin }: GridPlan): CanonicalValue {
  const hashes = new Map<GridPlan["nodes"][number]["ties"], HashHex>();
  const hashOf = (ties: GridPlan["nodes"][number]["ties"]): HashHex => {
    const known = hashes.get(ties);
    if (known !== undefined) return known;
    const words = ties.map((tie) =>
      tie === null ? "island" : [tie.importLimit, tie.exportLimit, tie.feeIn, tie.feeOut, tie.loss].join(" "),
    );
    const hash = hashText(words.join(","));
    hashes.set(ties, hash);
    return hash;
  };
  return {
    nodes: nodes.map(({ name, parent, level, ties }) => ({ name, parent, level, ties: hashOf(ties) })),
    places: hashText(places.join(",")),
    levels: [...levels],
    loadBids: loadBids === null ? null : hashText(loadBids.join(",")),
    positionSteps,
    membersMin,
  };
}
