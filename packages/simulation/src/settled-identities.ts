/** What must hold of a finished run with settlement, besides the identities of every run. */
import { minus } from "@micromarket/kernel";
import { DELIVERED, levyAccount, PENALTIES, UNACCOUNTED, type StateView } from "@micromarket/engine";
import { balanceOf } from "@micromarket/ledger";
import type { Scenario } from "./scenario.ts";
import type { SettledSums, SettlementKpis } from "./settlement-kpis.ts";
import type { Witness } from "./violations.ts";

/** What a run with settlement comes to besides its slots. */
export interface SettledRun {
  readonly sums: SettledSums;
  readonly kpis: SettlementKpis;
}

/** Holds the accounts against the sums of the final slots, and those against the counters. */
export function checkSettledRun(scenario: Scenario, state: StateView, { sums }: SettledRun, witness: Witness): void {
  const money = (account: string): bigint => balanceOf(state.ledger, "money", account) ?? 0n;
  const energy = (account: string): bigint => balanceOf(state.ledger, "energy", account) ?? 0n;
  for (const [party, { imported, exported }] of sums.counted) {
    const counter = state.meters.get(party);
    witness.equal("SLOTS_ADD_UP_TO_COUNTERS", () => `${party} import`, counter?.imported ?? 0, imported);
    witness.equal("SLOTS_ADD_UP_TO_COUNTERS", () => `${party} export`, counter?.exported ?? 0, exported);
  }
  const unaccounted = minus(sums.tieWh, minus(sums.meteredImportWh, sums.meteredExportWh));
  witness.equal("METERING_ERROR_IS_UNACCOUNTED", () => UNACCOUNTED, BigInt(unaccounted), energy(UNACCOUNTED));
  witness.equal("METERING_ERROR_IS_UNACCOUNTED", () => DELIVERED, BigInt(-unaccounted), energy(DELIVERED));
  for (const { name, price } of scenario.rules.settlement?.levies ?? []) {
    const due = BigInt(price) * BigInt(sums.meteredImportWh);
    witness.equal("LEVIES_AND_PENALTIES_TIE", () => name, due, money(levyAccount(name)));
  }
  witness.equal("LEVIES_AND_PENALTIES_TIE", () => PENALTIES, BigInt(sums.penaltiesNano), money(PENALTIES));
}
