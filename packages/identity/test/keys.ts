/** Signers of tests: their secrets are what their names hash to. */
import { hashText } from "@micromarket/kernel";
import { signerOf, type Signer } from "@micromarket/identity";

/** 32 bytes. */
export function secretOf(name: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hashText(name), "hex"));
}

/** Who signs as `name`. */
export function signer(name: string): Signer {
  return signerOf(secretOf(name));
}
