/**
 * A run: one market over virtual time, through the same `apply` as a gateway's.
 *
 * Each slot: the homes' agents tender a moment before the gate closes, the gate closes, and once the slot has ended every
 * home's meter and the tie's are reported. Invariants: rows go out as slots settle and are not kept, so that memory does
 * not grow with the length of a run; everything follows from the scenario alone.
 */
import { assert, hashText, instantMs, minusAmount, type HashHex, type InstantMs } from "@micromarket/kernel";
