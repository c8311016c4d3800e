/** All checks, in the order in which they are made. */
import type { Check } from "./check.ts";
import { CHANNEL_CHECKS } from "./channel-checks.ts";
import { FRAME_CHECKS } from "./frame-checks.ts";
import { HTTP_CHECKS } from "./http-checks.ts";
import { ORDER_CHECKS } from "./order-checks.ts";
import { SESSION_CHECKS } from "./session-checks.ts";

export const CHECKS: readonly Check[] = [
  ...SESSION_CHECKS,
  ...FRAME_CHECKS,
  ...CHANNEL_CHECKS,
  ...ORDER_CHECKS,
  ...HTTP_CHECKS,
];
