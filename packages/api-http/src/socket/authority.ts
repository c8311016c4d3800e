/**
 * What makes commands of a client count in a market that takes signed commands only: the client's envelope over exactly
 * the command that its message comes to. In an open market who may trade is the gate of the API's matter alone.
 */
import { encodeCommand, type BareCommand, type Command, type MarketRules } from "@micromarket/engine";
import { readEnvelope } from "@micromarket/identity";
import { canonicalText, type PartyId } from "@micromarket/kernel";
import type { ClientMessage } from "@micromarket/protocol";
import { refuseWith } from "./wire-failure.ts";

type Authority = ClientMessage<"EiCreateTender">["data"]["authority"];

/** The commands as the node takes them; fails where a signature is needed and missing, or is over something else. */
export function authorised(
  commands: readonly BareCommand[],
  authority: Authority,
  { identity }: MarketRules,
  party: PartyId,
): readonly Command[] {
  if (identity !== "signed") {
    if (authority !== undefined)
      refuseWith("BAD_SCHEMA", "this market takes no signatures", { path: "/data/authority" });
    return commands;
  }
  const [command, second] = commands;
  if (authority === undefined || command === undefined)
    return refuseWith(
      "SIGNATURE_REQUIRED",
      `this market takes what the keys of "${party}" have signed: send an authority`,
    );
  if (second !== undefined)
    return refuseWith("BAD_SCHEMA", "one signature is over one command: send one tender, or all or none", {
      path: "/data",
    });
  if (!("envelope" in authority))
    return refuseWith("SIGNATURE_WRONG", "this session is no signed session: send an envelope");
  return [enveloped(command, authority.envelope)];
}

function enveloped(command: BareCommand, envelope: string): Command {
  const read = readEnvelope(envelope);
  if (!read.ok)
    return refuseWith("SIGNATURE_WRONG", "the envelope cannot be read", { details: { refusal: { ...read.error } } });
  const [signed, asked] = [canonicalText(read.value.payload.body), encodeCommand(command)];
  if (signed !== asked)
    return refuseWith("SIGNATURE_WRONG", "the envelope is not over what the message asks for", {
      details: { expected: asked },
    });
  return { type: "Signed", envelope };
}
