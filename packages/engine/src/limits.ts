/**
 * The largest values that a market node takes. They keep every sum of a slot inside the safe integers
 * (10^6 tenders or parties × 10^9 Wh = 10^15), so that no input can make arithmetic fail.
 */
import {
  amountNano,
  durationMs,
  partsPerMillion,
  priceMicro,
  wattHours,
  type AmountNano,
  type DurationMs,
  type PartsPerMillion,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";

/** Most energy of one tender, one delivery report or one limit at the tie: 1 GWh in a slot. */
export const ENERGY_MAX: WattHours = wattHours(1_000_000_000);

/** Highest price of a market without a cap: a million of the currency per kWh. */
export const PRICE_MAX: PriceMicro = priceMicro(1_000_000_000_000);

/** Lowest price of a market without a floor. */
export const PRICE_MIN: PriceMicro = priceMicro(-1_000_000_000_000);

/** Most money that one credit brings: 10^18 of the currency. */
export const AMOUNT_MAX: AmountNano = amountNano(10n ** 27n);

/** Most steps of a tender, as many as a position has on the wire. */
export const STEPS_MAX = 64;

/** Most changes of the tariff that lie ahead: a leap year of quarter hours. */
export const TARIFFS_MAX = 35_136;

/** Most changes of the tie that lie ahead. */
export const TIES_MAX = 35_136;

/** Most that a tie may lose, parts per million: nine tenths, so that prices seen through it stay safe integers. */
export const LOSS_MAX: PartsPerMillion = partsPerMillion(900_000);

/** Most slots that fell back and whose awards may still be booked: a month of quarter hours. */
export const AWARDS_MISSED_MAX = 2_976;

/** Most markets below one market in one slot. */
export const POSITIONS_MAX = 100_000;

/** Most tenders in the book of one slot, those that were taken back counted. */
export const TENDERS_MAX = 1_000_000;

/** Most steps of one batch, those of all its tenders counted, and so the most tenders. */
export const BATCH_STEPS_MAX = 1_000;

/** Most slots of one batch: four days of quarter hours. With it the longest batch stays below the longest command. */
export const BATCH_SLOTS_MAX = 384;

/** Longest name of a batch, in UTF-16 code units: with a dot and a number it is an identifier. */
export const BATCH_NAME_LENGTH_MAX = 124;

/** Most tenders that one command takes back by their ids; however long these are, it stays below the longest command. */
export const CANCELLATIONS_MAX = 250;

/** Most parties of one market, the residual counterparty counted. */
export const PARTIES_MAX = 1_000_000;

/** Most keys that one party ever has, those that do not count any more included. */
export const KEYS_MAX = 1_000;

/** Most grants that one party ever makes, or has made for it. */
export const GRANTS_MAX = 10_000;

/** Longest time between an envelope's `notBefore` and its `expires`; what was seen is remembered as long. */
export const ENVELOPE_WINDOW_MAX: DurationMs = durationMs(86_400_000);

/** Most slots that a session's root may be late by the rules: as long as a session lives, in the shortest useful slots. */
export const SESSION_GRACE_MAX = 1_440;

/** Most sessions of one party that rules may allow. */
export const SESSIONS_PER_PARTY_MAX = 1_000;

/**
 * Longest body of a session's message, in UTF-16 code units. As a part of its command each quotation mark and backslash of
 * it takes two, and the command must still be one that can be read again (`COMMAND_LENGTH_MAX`).
 */
export const MESSAGE_LENGTH_MAX = 32_000;

/** The farthest horizon: a leap year. */
export const HORIZON_MAX: DurationMs = durationMs(31_622_400_000);

/** The last instant that has a name: the end of ECMAScript's calendar. */
export const INSTANT_MAX = 8_640_000_000_000_000;
