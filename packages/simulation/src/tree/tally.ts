/** Rows of nodes summed up: over a level in a slot, over a level in the run, over one node in the run. */
import {
  amountNano,
  greatest,
  least,
  minus,
  plus,
  plusAmount,
  priceMicro,
  roundQuotient,
  wattHours,
  type AmountNano,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import type { PriceParts } from "@micromarket/grid";
import type { NodeRow } from "./node-row.ts";

/** The sum of some rows; a row is one node in one slot. */
export interface Tally {
  readonly rows: number;
  /** Rows without the market above. */
  readonly islanded: number;
  /** Rows in which the tie's limit sets the price. */
  readonly importBinds: number;
  readonly exportBinds: number;
  /** `null` where no row has a price. */
  readonly prices: TallyPrices | null;
  readonly energyWh: WattHours;
  readonly localWh: WattHours;
  readonly importedWh: WattHours;
  readonly exportedWh: WattHours;
  readonly lostWh: WattHours;
  readonly unservedWh: WattHours;
  readonly curtailedWh: WattHours;
  readonly deviationWh: WattHours;
  readonly rentNano: AmountNano;
  readonly feesNano: AmountNano;
  readonly residueNano: AmountNano;
}

/** Prices over the rows that have one, each row counting once. Means are rounded half up. */
export interface TallyPrices {
  readonly meanMicroPerKwh: PriceMicro;
  readonly lowestMicroPerKwh: PriceMicro;
  readonly highestMicroPerKwh: PriceMicro;
  /** Means of the parts, which add up to the mean: the loss part takes what the rounding of the others leaves. */
  readonly energyMicroPerKwh: PriceMicro;
  readonly congestionMicroPerKwh: PriceMicro;
  readonly lossMicroPerKwh: PriceMicro;
  readonly feeMicroPerKwh: PriceMicro;
}

const WATT_HOURS = {
  energyWh: "energy",
  localWh: "local",
  importedWh: "imported",
  exportedWh: "exported",
  lostWh: "lost",
  unservedWh: "unserved",
  curtailedWh: "curtailed",
  deviationWh: "deviation",
} as const;
const AMOUNTS = { rentNano: "rent", feesNano: "fees", residueNano: "residue" } as const;
type Energies = Record<keyof typeof WATT_HOURS, WattHours>;
type Amounts = Record<keyof typeof AMOUNTS, AmountNano>;

/** Sums up rows. */
export function newTally(): { add(row: NodeRow): void; result(): Tally } {
  const counts = { rows: 0, islanded: 0, importBinds: 0, exportBinds: 0 };
  const energies = Object.fromEntries(Object.keys(WATT_HOURS).map((key) => [key, wattHours(0)])) as Energies;
  const amounts = Object.fromEntries(Object.keys(AMOUNTS).map((key) => [key, amountNano(0n)])) as Amounts;
  const prices = newPrices();
  return {
    add(row) {
      counts.rows += 1;
      if (row.mode === "islanded" || row.mode === "fallback-island") counts.islanded += 1;
      if (row.binds === "import") counts.importBinds += 1;
      if (row.binds === "export") counts.exportBinds += 1;
      for (const [key, of] of Object.entries(WATT_HOURS) as [keyof Energies, (typeof WATT_HOURS)[keyof Energies]][])
        energies[key] = plus(energies[key], row[of]);
      for (const [key, of] of Object.entries(AMOUNTS) as [keyof Amounts, (typeof AMOUNTS)[keyof Amounts]][])
        amounts[key] = plusAmount(amounts[key], row[of]);
      if (row.price !== null && row.parts !== null) prices.add(row.price, row.parts);
    },
    result: () => ({ ...counts, prices: prices.result(), ...energies, ...amounts }),
  };
}

function newPrices(): { add(price: PriceMicro, parts: PriceParts): void; result(): TallyPrices | null } {
  let count = 0n;
  let [lowest, highest]: [PriceMicro | null, PriceMicro | null] = [null, null];
  const sums = { price: 0n, energy: 0n, congestion: 0n, fee: 0n };
  return {
    add(price, { energy, congestion, fee }) {
      count += 1n;
      lowest = least(lowest ?? price, price);
      highest = greatest(highest ?? price, price);
      sums.price += BigInt(price);
      sums.energy += BigInt(energy);
      sums.congestion += BigInt(congestion);
      sums.fee += BigInt(fee);
    },
    result() {
      if (lowest === null || highest === null) return null;
      const mean = (sum: bigint): PriceMicro => priceMicro(Number(roundQuotient(sum, count)));
      const [whole, energy, congestion, fee] = [
        mean(sums.price),
        mean(sums.energy),
        mean(sums.congestion),
        mean(sums.fee),
      ];
      return {
        meanMicroPerKwh: whole,
        lowestMicroPerKwh: lowest,
        highestMicroPerKwh: highest,
        energyMicroPerKwh: energy,
        congestionMicroPerKwh: congestion,
        lossMicroPerKwh: minus(minus(minus(whole, energy), congestion), fee),
        feeMicroPerKwh: fee,
      };
    },
  };
}
