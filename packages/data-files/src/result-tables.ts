/** The columns of the result tables: the unit is in the name, times are ISO 8601 in UTC, an empty cell is "no value". */
import { formatInstant, minusAmount, tradeValue } from "@micromarket/kernel";
import type { BillRow, SlotRow, TradeRow } from "@micromarket/simulation";
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
