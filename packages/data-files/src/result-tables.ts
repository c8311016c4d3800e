/** The columns of the result tables: the unit is in the name, times are ISO 8601 in UTC, an empty cell is "no value". */
import { formatInstant, minusAmount, tradeValue } from "@micromarket/kernel";
import type { BillRow, LevelRow, NodeRow, NodeTotal, SlotRow, Tally, TradeRow } from "@micromarket/simulation";
import type { Cell } from "./table-file.ts";

/** A table's columns, each with how to make its cell. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => Cell>>;

/** `slots.csv` */
export const SLOT_COLUMNS: Columns<SlotRow> = {
  slot: (row) => formatInstant(row.slot),
  price_micro_per_kwh: (row) => row.price,
  interval_low_micro_per_kwh: (row) => row.intervalLow,
  interval_high_micro_per_kwh: (row) => row.intervalHigh,
  tariff_micro_per_kwh: (row) => row.tariff,
  feed_in_micro_per_kwh: (row) => row.feedIn,
  cleared_wh: (row) => row.cleared,
  local_wh: (row) => row.local,
  load_wh: (row) => row.load,
  pv_wh: (row) => row.pv,
  grid_import_wh: (row) => row.gridImport,
  grid_export_wh: (row) => row.gridExport,
  deviation_wh: (row) => row.deviation,
};

/** `trades.csv` */
export const TRADE_COLUMNS: Columns<TradeRow> = {
  slot: (row) => formatInstant(row.slot),
  buy: (row) => row.buy,
  sell: (row) => row.sell,
  buyer: (row) => row.buyer,
  seller: (row) => row.seller,
  energy_wh: (row) => row.energy,
  price_micro_per_kwh: (row) => row.price,
  amount_nano: (row) => tradeValue(row.price, row.energy),
};

/** `bills.csv` */
export const BILL_COLUMNS: Columns<BillRow> = {
  party: (row) => row.party,
  load_wh: (row) => row.load,
  pv_wh: (row) => row.pv,
  self_consumed_wh: (row) => row.selfConsumed,
  local_bought_wh: (row) => row.localBought,
  local_sold_wh: (row) => row.localSold,
  imported_wh: (row) => row.metered.imported,
  exported_wh: (row) => row.metered.exported,
  bill_alone_amount_nano: (row) => row.billAlone,
  bill_market_amount_nano: (row) => row.billMarket,
  saving_amount_nano: (row) => minusAmount(row.billAlone, row.billMarket),
};

/** `nodes.csv`, of a tree */
export const NODE_COLUMNS: Columns<NodeRow> = {
  slot: (row) => formatInstant(row.slot),
  node: (row) => row.node,
  level: (row) => row.level,
  mode: (row) => row.mode,
  price_micro_per_kwh: (row) => row.price,
  energy_part_micro_per_kwh: (row) => row.parts?.energy ?? null,
  congestion_part_micro_per_kwh: (row) => row.parts?.congestion ?? null,
  loss_part_micro_per_kwh: (row) => row.parts?.loss ?? null,
  fee_part_micro_per_kwh: (row) => row.parts?.fee ?? null,
  binding_limit: (row) => row.binds,
  energy_wh: (row) => row.energy,
  local_wh: (row) => row.local,
  imported_wh: (row) => row.imported,
  exported_wh: (row) => row.exported,
  lost_wh: (row) => row.lost,
  metered_wh: (row) => row.metered,
  unserved_wh: (row) => row.unserved,
  curtailed_wh: (row) => row.curtailed,
  deviation_wh: (row) => row.deviation,
  rent_amount_nano: (row) => row.rent,
  fees_amount_nano: (row) => row.fees,
  residue_amount_nano: (row) => row.residue,
};

const TALLY_COLUMNS: Columns<Tally> = {
  price_mean_micro_per_kwh: ({ prices }) => prices?.meanMicroPerKwh ?? null,
  price_lowest_micro_per_kwh: ({ prices }) => prices?.lowestMicroPerKwh ?? null,
  price_highest_micro_per_kwh: ({ prices }) => prices?.highestMicroPerKwh ?? null,
  energy_part_mean_micro_per_kwh: ({ prices }) => prices?.energyMicroPerKwh ?? null,
  congestion_part_mean_micro_per_kwh: ({ prices }) => prices?.congestionMicroPerKwh ?? null,
  loss_part_mean_micro_per_kwh: ({ prices }) => prices?.lossMicroPerKwh ?? null,
  fee_part_mean_micro_per_kwh: ({ prices }) => prices?.feeMicroPerKwh ?? null,
  import_limit_binds: (row) => row.importBinds,
  export_limit_binds: (row) => row.exportBinds,
  islanded: (row) => row.islanded,
  energy_wh: (row) => row.energyWh,
  local_wh: (row) => row.localWh,
  imported_wh: (row) => row.importedWh,
  exported_wh: (row) => row.exportedWh,
  lost_wh: (row) => row.lostWh,
  unserved_wh: (row) => row.unservedWh,
  curtailed_wh: (row) => row.curtailedWh,
  deviation_wh: (row) => row.deviationWh,
  rent_amount_nano: (row) => row.rentNano,
  fees_amount_nano: (row) => row.feesNano,
  residue_amount_nano: (row) => row.residueNano,
};

/** `levels.csv`, of a tree: each level in each slot */
export const LEVEL_COLUMNS: Columns<LevelRow> = {
  slot: (row) => formatInstant(row.slot),
  level: (row) => row.level,
  nodes: (row) => row.rows,
  ...TALLY_COLUMNS,
};

/** `ties.csv`, of a tree: each node with its tie over the run; limits bind, and it is islanded, in so many slots */
export const TIE_COLUMNS: Columns<NodeTotal> = {
  node: (row) => row.node,
  parent: (row) => row.parent,
  level: (row) => row.level,
  ...TALLY_COLUMNS,
};
