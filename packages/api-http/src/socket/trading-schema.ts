/** Shapes of the trading routes that the socket does not have. */
import { Type } from "@sinclair/typebox";
import { Count } from "@micromarket/protocol";

/** A problem with a code of the wire. */
export const WireProblem = Type.Object({
  type: Type.Literal("about:blank"),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.String(),
  path: Type.Optional(Type.String()),
  details: Type.Optional(Type.Unknown()),
});

/** A page of a party's private stream; `data` is as in the socket's frame of that type. */
export const PrivateEvents = Type.Object({
  /** Numbers mean the same as long as it is the same. */
  epoch: Count,
  last_seq: Count,
  events: Type.Array(Type.Object({ seq: Count, channel: Type.String(), type: Type.String(), data: Type.Unknown() })),
});
