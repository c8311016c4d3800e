/** Sessions as a canonical value, and back: a part of the market's snapshot. */
import {
  compareText,
  decodeBoolean,
  decodeInteger,
  decodeList,
  decodeNullable,
  decodeObject,
  decodePair,
  decodeText,
  type CanonicalValue,
  type Decoder,
  type HashHex,
} from "@micromarket/kernel";
import { decodeDid, decodeFrontier, frontierRecord } from "@micromarket/identity";
import { decodeHash, decodeInstant, decodeMap, decodePartyId } from "../decode-quantities.ts";
import type { SessionRecord, StateView } from "../state.ts";

/** The record: sessions in the order of their ids, what is unsigned of each in the order of slots. */
export function sessionsRecord(sessions: StateView["sessions"]): CanonicalValue {
  return [...sessions]
    .sort(([a], [b]) => compareText(a, b))
    .map(([id, { party, signer, grant, expires, isEnded, sequence, unsigned }]) => {
      const slots = [...unsigned].map(([slot, said]) => [slot, frontierRecord(said)]);
      return [id, { party, signer, grant, expires, isEnded, sequence, unsigned: slots }];
    });
}

/** Restores sessions. */
export const decodeSessions: Decoder<Map<HashHex, SessionRecord>> = decodeMap(
  decodeList(
    decodePair(
      decodeHash,
      decodeObject({
        party: decodePartyId,
        signer: decodeDid,
        grant: decodeNullable(decodeText),
        expires: decodeInstant,
        isEnded: decodeBoolean,
        sequence: decodeInteger,
        unsigned: decodeMap(decodeList(decodePair(decodeInstant, decodeFrontier))),
      }),
    ),
  ),
);
