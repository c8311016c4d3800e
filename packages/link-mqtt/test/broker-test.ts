import { test } from "@jest/globals";
import { whyNoMosquitto } from "./mosquitto.ts";

/** How tests run that need the broker: skipped where it is not installed, and failing there in CI. */
export function brokerTest(): { readonly withBroker: typeof test.skip; readonly remark: string } {
  const none = whyNoMosquitto();
  const withBroker = none === null || process.env["CI"] === "true" ? test : test.skip;
  const remark = none === null ? "" : ` (${none}; run: sudo tools/ci/install-mosquitto.sh)`;
  return { withBroker, remark };
}
