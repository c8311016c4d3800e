export { balanceSheet, isBalanced, violatedLedgerInvariants, type BalanceSheet } from "./balance-sheet.ts";
export {
  chainHash,
  chainStart,
  followGroup,
  genesisHash,
  GROUP_ENTRIES_MAX,
  groupHash,
  groupsOf,
  verifyChain,
  type ChainBreak,
  type ChainedEntry,
  type ChainedFields,
  type ChainHead,
} from "./chain.ts";
export { execute, forgetRequests, type BatchOutcome, type RequestRefusal } from "./execute.ts";
export { expireHolds, type HoldEndRefusal, type HoldRefusal } from "./hold.ts";
export { decodeLedger, ledgerRecord } from "./ledger-record.ts";
export {
  ACCOUNT_NAME_LENGTH_MAX,
  accountOf,
  availableOf,
  balanceOf,
  closeAccount,
  heldBy,
  isAccountName,
  LEDGER_NAMES,
  newLedger,
  openAccount,
  setLimits,
  UNLIMITED,
  type Account,
  type AccountChangeRefusal,
  type AccountLimits,
  type AccountRefusal,
  type KnownRequest,
  type Ledger,
  type LedgerView,
  type RequestFate,
} from "./ledger.ts";
export { linkEntries, type LinkedEntries } from "./link-entries.ts";
export { post, TRANSFER_AMOUNT_MAX, type TransferRefusal } from "./post.ts";
export { postCovered } from "./post-covered.ts";
export {
  isTransferId,
  TRANSFER_ID_LENGTH_MAX,
  TRANSFER_REASONS,
  type AccountName,
  type HoldRequest,
  type LedgerName,
  type PostHoldRequest,
  type PostRequest,
  type ReduceHoldRequest,
  type Transfer,
  type TransferId,
  type TransferReason,
  type TransferRequest,
  type VoidHoldRequest,
} from "./transfer.ts";
