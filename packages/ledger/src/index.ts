export { balanceSheet, isBalanced, type BalanceSheet } from "./balance-sheet.ts";
export {
  chainHash,
  chainStart,
  followLink,
  genesisHash,
  verifyChain,
  type ChainBreak,
  type ChainedEntry,
  type ChainedFields,
  type ChainHead,
} from "./chain.ts";
export { decodeLedger, ledgerRecord } from "./ledger-record.ts";
export {
  ACCOUNT_NAME_LENGTH_MAX,
  balanceOf,
  isAccountName,
  LEDGER_NAMES,
  newLedger,
  openAccount,
  type AccountRefusal,
  type Ledger,
  type LedgerView,
} from "./ledger.ts";
export { post, type TransferRefusal } from "./post.ts";
export type { AccountName, LedgerName, Transfer, TransferReason } from "./transfer.ts";
