/** What clearing a tree says. */
import type { AmountNano, PriceMicro, WattHours } from "@micromarket/kernel";
import type { Fill, PriceInterval, Rejection, Scarcity } from "@micromarket/market";
import type { PriceParts } from "../local-price.ts";
import type { TieFlow } from "../position.ts";
import type { TieMoney } from "../tie-money.ts";

/** Why the exactness of a tree's optimum is not claimed. */
export type TreeFlag =
  /** A line with losses has a negative price at one of its ends: an optimum might burn energy by sending it both ways. */
  | "LOSS_NEGATIVE_PRICE"
  /** The fees of a line's two directions sum to less than nothing: an optimum might send energy both ways for the fee. */
  | "FEES_NEGATIVE";

/** The line from a node to the one above it. */
export interface LineResult {
  readonly flow: TieFlow;
  /** What one more kWh of limit would gain at the lower end; not negative, 0 where no limit is reached. */
  readonly shadowPrice: PriceMicro;
  readonly money: TieMoney;
  /** Flags of this line. */
  readonly flags: readonly TreeFlag[];
}

/** A node. */
export interface NodeAnswer {
  readonly id: string;
  /** `null` where nothing trades in the node's whole subtree. */
  readonly price: PriceMicro | null;
  /** The competitive interval of the node's own curve at what crosses its tie. */
  readonly interval: PriceInterval;
  /** `null` where the price is. */
  readonly parts: PriceParts | null;
  /** `null` at the root. */
  readonly line: LineResult | null;
}

/** A tree, cleared. */
export interface TreeResult {
  /** In the network's order. */
  readonly nodes: readonly NodeAnswer[];
  /** In order of tender id, each at its node's price. */
  readonly fills: readonly Fill[];
  /** Energy that buyers get. Sellers give as much and what the lines lose. */
  readonly energy: WattHours;
  /** Buyers' value less sellers' cost less fees. A market order counts as in the flat auction. */
  readonly surplus: AmountNano;
  /** Whose must-run orders had to be curtailed somewhere: nobody's, one side's, or at different nodes both. */
  readonly scarcity: readonly Scarcity[];
  /** In order of tender id. */
  readonly rejections: readonly Rejection[];
  /** Flags of any line, each once. */
  readonly flags: readonly TreeFlag[];
}
