/** Health and problems on the wire. */
import { Type, type Static } from "@sinclair/typebox";
import { closedObject, Name, oneOf } from "./units.ts";

/** How a check ended: `warn` wants a look, `fail` makes the whole unhealthy. */
export const CheckStatus = oneOf("pass", "warn", "fail");
export type CheckStatus = Static<typeof CheckStatus>;

/** Whether the node works. */
export const Health = closedObject({
  status: CheckStatus,
  version: Name,
  checks: Type.Array(closedObject({ name: Name, status: CheckStatus, detail: Type.String() })),
});
export type Health = Static<typeof Health>;

/** A refused or failed request: RFC 9457 with a code to program against. */
export const Problem = closedObject({
  type: Type.Literal("about:blank"),
  title: Type.String(),
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  code: Name,
  detail: Type.String(),
});
export type Problem = Static<typeof Problem>;
