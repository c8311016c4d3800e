/** What settlement by meter came to: who could pay, which readings were missed, and where the money went. */
import {
  amountNano,
  minus,
  plus,
  plusAmount,
  wattHours,
  type AmountNano,
  type PartyId,
  type WattHours,
} from "@micromarket/kernel";
import { arrearsAccount, levyAccount, PENALTIES, UNACCOUNTED, type StateView } from "@micromarket/engine";
import { balanceOf } from "@micromarket/ledger";
import { penaltiesOf } from "./efficiency-kpis.ts";
import type { Scenario } from "./scenario.ts";
import type { EstimateCounts, FinalSlot } from "./settled-slots.ts";
import type { SlotOutcome } from "./slot-outcome.ts";

/** Figures of a market with settlement. */
export interface SettlementKpis extends SettlementCounts {
  /** Tenders that were refused because their homes could not have paid. */
  readonly tendersWithoutFunds: number;
  /** What the homes' slots were settled with. */
  readonly meteredImportWh: WattHours;
  readonly meteredExportWh: WattHours;
  /** What the tie counted beyond the homes' meters; net. */
  readonly unaccountedWh: WattHours;
  readonly depositsNano: AmountNano;
  /** What levies and penalties brought. */
  readonly leviesNano: AmountNano;
  readonly penaltiesNano: AmountNano;
  /** What homes owe at the end and could not pay. */
  readonly arrearsNano: AmountNano;
}

/** How readings came, and did not. */
export interface SettlementCounts extends EstimateCounts {
  readonly readingsMissed: number;
}

/** What the final slots say, against which the accounts are held. */
export interface SettledSums {
  readonly meteredImportWh: WattHours;
  readonly meteredExportWh: WattHours;
  /** Without estimates that no reading replaced: what the counters must have counted. */
  readonly counted: ReadonlyMap<PartyId, { readonly imported: WattHours; readonly exported: WattHours }>;
  readonly tieWh: WattHours;
  readonly penaltiesNano: AmountNano;
  readonly tendersWithoutFunds: number;
}

/** Adds up final slots. */
export function collectSettlement({ homes }: Scenario): {
  add(slot: SlotOutcome, kept: FinalSlot["kept"]): void;
  result(): SettledSums;
} {
  const zero = wattHours(0);
  const sum = { imported: zero, exported: zero, tie: zero, penalties: amountNano(0n), refused: 0 };
  const counted = new Map(homes.map(({ id }) => [id, { imported: zero, exported: zero }]));
  return {
    add(slot, kept) {
      sum.imported = plus(sum.imported, slot.totals.imported);
      sum.exported = plus(sum.exported, slot.totals.exported);
      sum.tie = plus(sum.tie, minus(slot.grid.imported, slot.grid.exported));
      sum.penalties = plusAmount(sum.penalties, penaltiesOf(slot));
      sum.refused += slot.refused;
      for (const [index, { imported, exported }] of slot.homes.entries()) {
        const id = homes[index]?.id;
        const own = id === undefined || kept.has(id) ? undefined : counted.get(id);
        if (own === undefined) continue;
        own.imported = plus(own.imported, imported);
        own.exported = plus(own.exported, exported);
      }
    },
    result: () => ({
      ...{ meteredImportWh: sum.imported, meteredExportWh: sum.exported, counted },
      ...{ tieWh: sum.tie, penaltiesNano: sum.penalties, tendersWithoutFunds: sum.refused },
    }),
  };
}

/** The figures at the end of a run. */
export function settlementKpis(
  { homes, rules }: Scenario,
  state: StateView,
  counts: SettlementCounts,
  { meteredImportWh, meteredExportWh, tendersWithoutFunds }: SettledSums,
): SettlementKpis {
  const money = (account: string): AmountNano => amountNano(balanceOf(state.ledger, "money", account) ?? 0n);
  const total = (amounts: readonly AmountNano[]): AmountNano => amounts.reduce(plusAmount, amountNano(0n));
  return {
    ...counts,
    ...{ tendersWithoutFunds, meteredImportWh, meteredExportWh },
    unaccountedWh: wattHours(Number(balanceOf(state.ledger, "energy", UNACCOUNTED) ?? 0n)),
    depositsNano: total(homes.map(({ deposit }) => deposit ?? amountNano(0n))),
    leviesNano: total((rules.settlement?.levies ?? []).map(({ name }) => money(levyAccount(name)))),
    penaltiesNano: money(PENALTIES),
    arrearsNano: amountNano(-total(homes.map(({ id }) => money(arrearsAccount(id))))),
  };
}
