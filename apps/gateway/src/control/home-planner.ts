/**
 * The agents of the homes: what they tender for a slot, by what they expect of it, and what each device is to do once the
 * gate has closed.
 *
 * Invariant: what the devices are to do is what the home got, less what its load and generation were expected to be.
 */
import {
  committedLoad,
  deferrableCharge,
  netPosition,
  netTenders,
  storageTrader,
  variableGenerator,
} from "@micromarket/agents";
import { batteryAt, storedBy, VEHICLE_STATES, type BatteryState } from "@micromarket/assets";
import { allotPosition } from "@micromarket/control";
import { instantsOfWall, wallAt } from "@micromarket/data-files";
import type { Command, GateClosed } from "@micromarket/engine";
import {
  DAY,
  durationMs,
  energyOfPower,
  floorDivide,
  greatest,
  instantMs,
  least,
  minus,
  partsPerMillion,
  plus,
  priceMicro,
  stepsIn,
  tenderId,
  times,
  wattHours,
  type InstantMs,
  type PartyId,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import type { Tender } from "@micromarket/market";
import type { HomeEnergy } from "../energy-history.ts";
import type { BatteryConfig, ChargerConfig, GatewayConfig, HomeConfig } from "../gateway-config.ts";
import { batterySpec } from "./battery-spec.ts";
import type { ControlRoom } from "./control-room.ts";
import type { HomePlan } from "./home-control.ts";
import { PriceHistory } from "./price-history.ts";

/** What a home's agents do for the market loop. */
export interface HomeAgents {
  /** The home's tenders for the slot that starts at `slot`, netted behind its meter. */
  tenders(home: HomeConfig, slot: InstantMs, expected: HomeEnergy): readonly Command[];
  /** A gate has closed. */
  cleared(closed: GateClosed): void;
  /** What flowed into the home's battery and charger in a past slot, net: no load of its own; `null`: not known. */
  flexibleIn(home: HomeConfig, slot: InstantMs): WattHours | null;
  /** What its plant was expected to give in a past slot in which it was held back; `null`: it gave what it could. */
  unsoldIn(home: HomeConfig, slot: InstantMs): WattHours | null;
}

/** What the agents of a home expected and wanted of a slot. */
interface Intention {
  readonly load: WattHours;
  readonly pv: WattHours;
  readonly battery: readonly Tender[];
  readonly charger: readonly Tender[];
}

const NOTHING = wattHours(0);
const MINUTE_MS = 60_000;
const VEHICLE_HERE: ReadonlySet<number> = new Set([
  VEHICLE_STATES.indexOf("connected"),
  VEHICLE_STATES.indexOf("charging"),
]);
const BATTERY_PRIORITY = 1;
const CHARGER_PRIORITY = 2;
const PLANT_PRIORITY = 0;

export class HomePlanner implements HomeAgents {
  readonly #config: Pick<GatewayConfig, "homes" | "rules" | "prices">;
  readonly #room: ControlRoom;
  readonly #now: () => InstantMs;
  readonly #prices: PriceHistory;
  readonly #intentions = new Map<InstantMs, Map<PartyId, Intention>>();

  constructor(config: Pick<GatewayConfig, "homes" | "rules" | "prices">, room: ControlRoom, now: () => InstantMs) {
    this.#config = config;
    this.#room = room;
    this.#now = now;
    this.#prices = new PriceHistory(config.rules.slotLength);
  }

  tenders(home: HomeConfig, slot: InstantMs, { load, pv }: HomeEnergy): readonly Command[] {
    const { party, loadLimit, pvReserve } = home;
    const committed = NOTHING; // one gate per slot: before it nothing is traded
    const fixed = netTenders([
      ...committedLoad({ party, tender: tenderId(`${party}/load`), forecast: load, committed, limit: loadLimit }),
      ...variableGenerator({ party, tender: tenderId(`${party}/pv`), forecast: pv, committed, reserve: pvReserve }),
    ]);
    const battery = home.battery === null ? [] : this.#batteryTenders(home, home.battery, slot);
    const charger = home.charger === null ? [] : this.#chargerTenders(home, home.charger, slot);
    const intentions = this.#intentions.get(slot) ?? new Map<PartyId, Intention>();
    this.#intentions.set(slot, intentions.set(party, { load, pv, battery, charger }));
    const flexible = [...battery, ...charger];
    return (flexible.length === 0 ? fixed : this.#position(party, fixed, flexible)).map((tender) => {
      return { type: "SubmitTender", slot, tender };
    });
  }

  cleared({ slot, result, tenders }: GateClosed): void {
    const { price } = result;
    if (price !== null) this.#prices.note(slot, price);
    const filled = new Map(result.fills.map(({ id, energy }) => [id, energy]));
    const intentions = this.#intentions.get(slot);
    for (const control of this.#room.homes) {
      const { home } = control;
      const intention = intentions?.get(home.party);
      if (intention === undefined) continue;
      const own = tenders.filter(({ party }) => party === home.party);
      const net = own.reduce((sum, { id, side }) => {
        const energy = filled.get(id) ?? NOTHING;
        return side === "buy" ? plus(sum, energy) : minus(sum, energy);
      }, NOTHING);
      const unsold = home.pv !== null && isUnsold(home, intention, price, { net, hasOffered: own.some(isOffer) });
      const isHeld = unsold && control.isPlantControlled;
      const plan = planOf(home, intention, price, { net, isHeld });
      const plant = { surplus: greatest(minus(NOTHING, net), NOTHING), expected: intention.pv };
      control.plan(slot, isHeld ? { ...plan, plant } : plan);
    }
    for (const past of this.#intentions.keys()) if (past <= slot) this.#intentions.delete(past);
  }

  flexibleIn(home: HomeConfig, slot: InstantMs): WattHours | null {
    const control = this.#room.homes.find((each) => each.home.party === home.party);
    return control === undefined ? NOTHING : control.flexibleIn(slot);
  }

  unsoldIn(home: HomeConfig, slot: InstantMs): WattHours | null {
    return this.#room.homes.find((each) => each.home.party === home.party)?.unsoldIn(slot) ?? null;
  }

  #position(party: PartyId, fixed: readonly Tender[], flexible: readonly Tender[]): readonly Tender[] {
    const { tick } = this.#config.rules.auction;
    const ids = { buyTender: tenderId(`${party}/buy`), sellTender: tenderId(`${party}/sell`) };
    return netPosition({ party, ...ids, fixed, flexible, tick }).map((tender) => this.#withinBand(tender));
  }

  /** Nothing while the battery does not say what it holds. */
  #batteryTenders(home: HomeConfig, battery: BatteryConfig, slot: InstantMs): readonly Tender[] {
    const state = this.#batteryAt(home, battery);
    if (state === null) return [];
    const { slotLength, auction } = this.#config.rules;
    const count = Math.max(1, (stepsIn(DAY, slotLength) ?? 1) - 1);
    const { tariff, feedIn } = this.#config.prices;
    const usual = middleOf(tariff, feedIn, auction.tick);
    const expected = this.#prices.expect(instantMs(slot + slotLength), count, usual);
    const perSlot = impatience(tariff, feedIn, auction.tick);
    const prices = expected.map((price, index) => minus(price, times(perSlot, index + 1)));
    const total = prices.reduce((sum, price) => sum + BigInt(price), 0n);
    const finalValue = priceMicro(Number(total / BigInt(prices.length)));
    return storageTrader({
      party: home.party,
      buyTender: tenderId(`${home.party}/in`),
      sellTender: tenderId(`${home.party}/out`),
      state,
      committed: NOTHING,
      outlook: { spec: batterySpec(battery), slotLength, prices, finalValue },
      tick: auction.tick,
    }).map((tender) => this.#withinBand(tender));
  }

  /** What the battery will hold when the next slot begins, if it keeps to its plan; `null`: it does not say. */
  #batteryAt(home: HomeConfig, battery: BatteryConfig): BatteryState | null {
    const share = this.#room.board.numberOf(battery.device, "state_of_charge_ppm");
    if (share === null || share < 0 || share > 1_000_000) return null;
    const spec = batterySpec(battery);
    const { storedMicroWh } = batteryAt(spec, partsPerMillion(share));
    const outstanding = this.#outstanding(home)?.battery ?? NOTHING;
    const expected = storedMicroWh + storedBy(spec, outstanding);
    const full = batteryAt(spec, partsPerMillion(1_000_000)).storedMicroWh;
    return { storedMicroWh: Math.min(full, Math.max(0, expected)) };
  }

  #chargerTenders(home: HomeConfig, charger: ChargerConfig, slot: InstantMs): readonly Tender[] {
    const { board } = this.#room;
    const state = board.numberOf(charger.device, "vehicle_state");
    if (state === null || !VEHICLE_HERE.has(state)) return [];
    const charged = wattHours(Math.max(0, board.numberOf(charger.device, "session_wh") ?? 0));
    const coming = this.#outstanding(home)?.charger ?? NOTHING;
    const needed = minus(charger.energy, plus(charged, greatest(coming, NOTHING)));
    if (needed <= 0) return [];
    const { slotLength, auction } = this.#config.rules;
    const end = instantMs(slot + slotLength);
    const deadline = deadlineAfter(charger, slot);
    const isOpen = deadline > end;
    return deferrableCharge({
      party: home.party,
      tender: tenderId(`${home.party}/car`),
      needed,
      committed: NOTHING,
      most: energyOfPower(charger.most, isOpen ? slotLength : durationMs(deadline - slot)),
      least: energyOfPower(charger.least, slotLength),
      later: isOpen ? energyOfPower(charger.most, durationMs(deadline - end)) : NOTHING,
      low: charger.limit,
      cap: auction.priceCap ?? charger.limit,
      tick: auction.tick,
    }).map((tender) => this.#withinBand(tender));
  }

  #outstanding(home: HomeConfig): Pick<HomePlan, "battery" | "charger"> | undefined {
    return this.#room.homes.find((control) => control.home.party === home.party)?.outstanding(this.#now());
  }

  /** Limits inside the market's band. */
  #withinBand(tender: Tender): Tender {
    const { priceFloor, priceCap } = this.#config.rules.auction;
    const fit = (price: PriceMicro | null): PriceMicro | null => {
      if (price === null) return null;
      const capped = priceCap === null ? price : least(price, priceCap);
      return priceFloor === null ? capped : greatest(capped, priceFloor);
    };
    return { ...tender, steps: tender.steps.map(({ price, energy }) => ({ price: fit(price), energy })) };
  }
}

/** The first time after `slot` at which the vehicle is to be charged. */
function deadlineAfter({ byMinute, zone }: ChargerConfig, slot: InstantMs): InstantMs {
  const dayMs: number = DAY;
  const slotMs: number = slot;
  const today = Math.floor(wallAt(zone, slotMs) / dayMs) * dayMs;
  const walls = [0, 1, 2].map((day) => today + day * dayMs + byMinute * MINUTE_MS);
  const instants = walls.flatMap((wall) => instantsOfWall(zone, wall)).filter((instant) => instant > slotMs);
  return instantMs(Math.min(slotMs + 2 * dayMs, ...instants));
}

function isOffer({ side }: Tender): boolean {
  return side === "sell";
}

/** What became of a home's tenders. */
interface Outcome {
  /** Bought less sold. */
  readonly net: WattHours;
  readonly hasOffered: boolean;
}

/** Whether its plant would give what nobody bought: the price is below its reserve, or not all was taken at the reserve. */
function isUnsold(
  { pvReserve }: HomeConfig,
  { load, pv, battery, charger }: Intention,
  price: PriceMicro | null,
  { net, hasOffered }: Outcome,
): boolean {
  if (price === null) return hasOffered;
  if (price !== pvReserve) return price < pvReserve;
  const wanted = plus(minus(load, pv), plus(energyAt(battery, price), energyAt(charger, price)));
  return net > wanted;
}

/**
 * What each device would do at the price, brought into line with what the home got. Where a plant is held back for want of
 * a buyer, it is the first that gives less; otherwise what it gives is as it is.
 */
function planOf(
  home: HomeConfig,
  { load, pv, battery, charger }: Intention,
  price: PriceMicro | null,
  { net, isHeld }: { readonly net: WattHours; readonly isHeld: boolean },
): HomePlan {
  const plans = [
    { id: "battery", energy: energyAt(battery, price), priority: BATTERY_PRIORITY },
    { id: "charger", energy: energyAt(charger, price), priority: CHARGER_PRIORITY },
    ...(isHeld ? [{ id: "plant", energy: minus(NOTHING, pv), priority: PLANT_PRIORITY }] : []),
  ];
  const rest = isHeld ? load : minus(load, pv);
  const [stored = NOTHING, charged = NOTHING] = allotPosition(net, rest, plans).energies;
  return { battery: home.battery === null ? null : stored, charger: home.charger === null ? null : charged };
}

/** What the tenders would buy less what they would sell at a price; nothing where nothing was traded. */
function energyAt(tenders: readonly Tender[], price: PriceMicro | null): WattHours {
  if (price === null) return NOTHING;
  let sum = NOTHING;
  for (const { side, steps } of tenders) {
    for (const step of steps) {
      const isIn = step.price === null || (side === "buy" ? step.price >= price : step.price <= price);
      if (isIn) sum = side === "buy" ? plus(sum, step.energy) : minus(sum, step.energy);
    }
  }
  return sum;
}

/**
 * What a price loses for every slot that it is further away. Without it a store waits for ever: neighbours who pay the same
 * all night could be served in any later slot as well, and no slot can take all that it holds. More than a tick, or it
 * would ask what the supplier asks.
 */
function impatience(tariff: PriceMicro, feedIn: PriceMicro, tick: PriceMicro): PriceMicro {
  const spread = greatest(minus(tariff, feedIn), priceMicro(0));
  const part = floorDivide(BigInt(spread), 1_000n * BigInt(tick));
  return times(tick, Math.max(2, Number(part)));
}

/** Halfway between two prices, down to the tick. */
function middleOf(a: PriceMicro, b: PriceMicro, tick: PriceMicro): PriceMicro {
  return times(tick, Number(floorDivide(BigInt(a) + BigInt(b), 2n * BigInt(tick))));
}
