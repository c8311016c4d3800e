/** Whose arithmetic a node uses. The answers are the same; how fast they come is not. */
import type { Verify } from "@micromarket/identity";
import type { Sha256 } from "@micromarket/kernel";

/** What may be given to whoever hashes and verifies. */
export interface Libraries {
  /** For the hashes of the chain. @default sha256InJavaScript */
  readonly sha256?: Sha256;
  /** For signatures. @default verifyInJavaScript */
  readonly verify?: Verify;
}
