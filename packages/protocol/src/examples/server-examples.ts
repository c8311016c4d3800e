/** All examples of what the server sends. */
import { PUBLIC_CHANNEL_EXAMPLES } from "./server-channel-examples.ts";
import { SERVER_CTS_EXAMPLES } from "./server-cts-examples.ts";
import type { ServerExample } from "./server-example.ts";
import { SERVER_ORDER_EXAMPLES } from "./server-order-examples.ts";
import { PRIVATE_CHANNEL_EXAMPLES } from "./server-party-examples.ts";
import { SERVER_REFERENCE_EXAMPLES } from "./server-reference-examples.ts";
import { SERVER_SESSION_EXAMPLES } from "./server-session-examples.ts";

/** One or more of every type. */
export const SERVER_EXAMPLES: readonly ServerExample[] = [
  ...SERVER_SESSION_EXAMPLES,
  ...PUBLIC_CHANNEL_EXAMPLES,
  ...PRIVATE_CHANNEL_EXAMPLES,
  ...SERVER_ORDER_EXAMPLES,
  ...SERVER_CTS_EXAMPLES,
  ...SERVER_REFERENCE_EXAMPLES,
];
