/** The identity of what is run: everything that the market, the homes and the agents see, with all defaults expanded. */
import { hashCanonical, hashText, type CanonicalValue, type HashHex } from "@micromarket/kernel";
import type { Scenario } from "@micromarket/simulation";

/**
 * SHA-256 over the canonical form of `scenario` without its seed, which manifests state beside it. Series stand in it as
 * the hashes of their values. Two files that say the same in other words have the same hash.
 */
export function scenarioHash(scenario: Scenario): HashHex {
  const { node, ...rules } = scenario.rules;
  const { bidding, homes, tariff, feedIn, carbon } = scenario;
  const series = (values: readonly number[]): HashHex => hashText(values.join(","));
  return hashCanonical("micromarket/scenario/1", {
    ...scenario,
    seed: null,
    rules: {
      ...rules,
      auction: { ...rules.auction, k: { ...rules.auction.k } },
      residual: { ...rules.residual },
      ...(node === undefined ? {} : { node: { ...node } }),
    },
    bidding: { ...bidding },
    homes: homes.map(({ id, load, pv }): CanonicalValue => ({ id, load: series(load), pv: series(pv) })),
    tariff: series(tariff),
    feedIn: series(feedIn),
    carbon: carbon === null ? null : series(carbon),
  });
}
