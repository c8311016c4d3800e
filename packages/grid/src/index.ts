export { localPrice, rootPrice, type NodePrice, type PriceParts } from "./local-price.ts";
export { flowOfAward, positionAcross, type TieCurve, type TieFlow } from "./position.ts";
export { tieMoney, type TieMoney } from "./tie-money.ts";
export { OPEN_TIE, pricesBelow, type Tie, type TiePrices } from "./tie.ts";
