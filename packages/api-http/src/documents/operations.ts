/** Every route. */
import { ACCESS_OPERATIONS } from "./access-operations.ts";
import { CONTROL_OPERATIONS } from "./control-operations.ts";
import { MARKET_OPERATIONS } from "./market-operations.ts";
import type { Operation } from "./operation.ts";
import { PARTY_OPERATIONS } from "./party-operations.ts";
import { SERVICE_OPERATIONS } from "./service-operations.ts";
import { TRADING_OPERATIONS } from "./trading-operations.ts";

/** In the order in which they are read. */
export const OPERATIONS: readonly Operation[] = [
  ...MARKET_OPERATIONS,
  ...PARTY_OPERATIONS,
  ...TRADING_OPERATIONS,
  ...CONTROL_OPERATIONS,
  ...ACCESS_OPERATIONS,
  ...SERVICE_OPERATIONS,
];
