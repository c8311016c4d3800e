/** What a result of the mechanisms beside the uniform auction may state. A member that is left out is not checked. */
import type { AmountNano, PriceMicro, WattHours } from "@micromarket/kernel";
import type { AuctionClaim, ClaimedFill, ClaimedTrade } from "./claim.ts";
import type { Evidence } from "./evidence.ts";
import type { Finding } from "./finding.ts";
import type { Ratio } from "../auction.ts";
import type { Side } from "../tender.ts";

/** A fill, with what it costs in all; `side` where a curve may end up on either. */
export interface ClaimedPricedFill extends ClaimedFill {
  readonly amount?: AmountNano | null;
  readonly side?: Side;
}

/** A trade; `price` is what the buyer pays, `sellerPrice` what the seller receives where that differs. */
export interface ClaimedPricedTrade extends ClaimedTrade {
  readonly sellerPrice?: PriceMicro | null;
}

/** A result of any of the mechanisms, as somebody claims it. */
export interface MechanismClaim extends AuctionClaim {
  readonly fills: readonly ClaimedPricedFill[];
  readonly trades?: readonly ClaimedPricedTrade[];
  readonly buyerPrice?: PriceMicro | null;
  readonly sellerPrice?: PriceMicro | null;
  readonly auctioneer?: AmountNano;
  readonly imported?: WattHours;
  readonly exported?: WattHours;
  readonly residual?: readonly ClaimedPricedFill[];
  readonly ownUse?: readonly { readonly id: string; readonly energy: WattHours }[];
  readonly exactPrice?: Ratio | null;
}

/** A mechanism's claim next to the facts of its book. */
export interface MechanismEvidence extends Evidence {
  readonly claim: MechanismClaim;
}

/** One rule that a result has to keep. */
export type MechanismCheck = (evidence: MechanismEvidence) => readonly Finding[];
