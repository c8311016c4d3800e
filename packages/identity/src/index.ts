export { admit, checkAdmission, rememberAdmitted, type Admission, type AdmissionRefusal } from "./admit.ts";
export { decodeDid } from "./decode-signing.ts";
export { didOfEd25519, ed25519OfDid } from "./ed25519-key.ts";
export {
  ENVELOPE_BYTES_MAX,
  ENVELOPE_DEPTH_MAX,
  isShallow,
  readEnvelope,
  sealEnvelope,
  type Envelope,
  type EnvelopeFailure,
  type Payload,
} from "./envelope.ts";
export {
  checkGrant,
  countGrantUse,
  makeGrant,
  revokeGrant,
  type Grant,
  type GrantLimits,
  type GrantRecord,
  type GrantRefusal,
  type Grants,
  type GrantUse,
  type GrantUseRefusal,
} from "./grant.ts";
export { decodeGrant, decodeGrants, grantRecord, grantsRecord } from "./grant-record.ts";
export { isUnderRoot, merkleTree, type MerkleTree } from "./merkle.ts";
export { decodeFrontier, frontierRecord, MerkleFrontier } from "./merkle-frontier.ts";
export { PublicKey, type Did, type KeyRefusal } from "./public-key.ts";
export {
  admitParty,
  checkStanding,
  countingKey,
  enrolKey,
  newRegistry,
  revokeKey,
  rotateKey,
  setStanding,
  type KeyRecord,
  type KeyRole,
  type PartyStanding,
  type Registry,
  type RegistryRefusal,
  type SignerRefusal,
} from "./registry.ts";
export { decodeRegistry, decodeRole, decodeStanding, registryRecord, type RegistryView } from "./registry-record.ts";
export { decodeSeen, SeenEnvelopes, seenRecord } from "./seen-envelopes.ts";
export {
  checkSignature,
  signerOf,
  verifyInJavaScript,
  type SignatureRefusal,
  type Signer,
  type Verify,
} from "./signature.ts";
export { CallerSession, type TakenRefusal } from "./caller-session.ts";
export {
  openAsCaller,
  openAsNode,
  type CallerOpening,
  type OpeningRefusal,
  type SessionOpening,
} from "./open-session.ts";
export {
  decodeSessionMessage,
  leafOf,
  messageHash,
  Session,
  sessionIdOf,
  slotRootOf,
  type SessionMessage,
  type SessionRefusal,
} from "./session.ts";
export {
  greetingOf,
  readAnswer,
  readGreeting,
  readSessionEnd,
  readSlotRoot,
  sealAnswer,
  sealGreeting,
  sealSessionEnd,
  sealSlotRoot,
  type Greeting,
  type GreetingAnswer,
  type SessionAddress,
  type SessionEnd,
  type SessionEnvelopeType,
  type SlotRoot,
} from "./session-envelopes.ts";
