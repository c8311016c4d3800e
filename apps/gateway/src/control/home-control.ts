/**
 * The devices of one home under control: what the market awarded them, cut to what the home's connection bears, told to
 * each by its runner.
 *
 * Invariants: without an award a device is given back, unless a limit of the home binds it; a plant is held to what was sold
 * only while what it gives besides was not; with the home's meter silent
 * nothing is fed in or charged on trust; the limits hold whether or not there is a market.
 */
import {
  groupMinimum,
  limitSite,
  type SetPoint,
  type SiteAllocation,
  type SiteDevice,
  type SiteReason,
} from "@micromarket/control";
import { batteryAt, batteryRoom, VEHICLE_STATES } from "@micromarket/assets";
import {
  durationMs,
  fail,
  measured,
  ok,
  partsPerMillion,
  plus,
  slotAt,
  slotEnd,
  watts,
  wattHours,
  type DurationMs,
  type InstantMs,
  type Measurement,
  type Result,
  type Slot,
  type WattHours,
  type Watts,
} from "@micromarket/kernel";
import type { DeskRefusal, SiteLimitView } from "@micromarket/api-http";
import type { BatteryConfig, ChargerConfig, HomeConfig } from "../gateway-config.ts";
import { batterySpec } from "./battery-spec.ts";
import type { ControlRunner, Runners } from "./control-runner.ts";
import type { DeviceBoard } from "./device-board.ts";
import type { DimLog } from "./dim-log.ts";
import { Dimming } from "./dimming.ts";
import { controlledPlant, heldTo, type PlantPlan } from "./plant-control.ts";
import { SlotFlow } from "./slot-flow.ts";

/** What a home's devices are to do in a slot; > 0 flows in. `null`: nothing was decided. */
export interface HomePlan {
  readonly battery: WattHours | null;
  readonly charger: WattHours | null;
  /** What its plant is held to, because what it would give besides was not sold; without it the plant is free. */
  readonly plant?: PlantPlan;
}

/** What a home is controlled by. */
export interface HomeControlInit {
  readonly home: HomeConfig;
  readonly runnersOf: (device: string) => Runners;
  readonly board: DeviceBoard;
  readonly slotLength: DurationMs;
  /** Longest time between two readings of power that count as one flow, in market time. */
  readonly flowGapMs: number;
  /** Proves that the grid operator's signals were obeyed. */
  readonly noteDim: DimLog;
}

/** One device while what it may do is worked out. */
interface Part {
  readonly site: SiteDevice;
  /** Whether the market decided on it. */
  readonly isAwarded: boolean;
  readonly tell: (power: Watts) => void;
  readonly giveBack: (why: string) => void;
}

const SLOTS_REMEMBERED = 192;
const MS_PER_HOUR = 3_600_000;
const VOLTS = 230;
const NOTHING_TO_CHARGE: ReadonlySet<number> = new Set([
  VEHICLE_STATES.indexOf("none"),
  VEHICLE_STATES.indexOf("complete"),
]);
/** More than this one phase does not give. */
const ONE_PHASE_W = 7_400;
const STORAGE_PRIORITY = 1;
const CHARGER_PRIORITY = 2;
/** Of several controlled devices so much runs at once, where nobody says otherwise. */
const SIMULTANEITY = partsPerMillion(800_000);
const NO_AWARD = "no award for this slot";

export class HomeControl {
  readonly #init: HomeControlInit;
  readonly #plans = new Map<InstantMs, HomePlan>();
  /** Slots, past ones too, for which there was a plan. */
  readonly #planned = new Set<InstantMs>();
  readonly #unsold = new Map<InstantMs, WattHours>();
  /** What devices without an award did when a limit first held them back: what they would do again. */
  readonly #heldBack = new Map<string, Watts>();
  readonly #flows: { readonly battery: SlotFlow; readonly charger: SlotFlow };
  readonly #dimming: Dimming;
  #allocation: SiteAllocation | null = null;
  #isFailSafe = false;

  constructor(init: HomeControlInit) {
    this.#init = init;
    this.#dimming = new Dimming(init.home.party, init.noteDim, () => this.#groupPower());
    this.#flows = { battery: new SlotFlow(init.flowGapMs), charger: new SlotFlow(init.flowGapMs) };
  }

  get home(): HomeConfig {
    return this.#init.home;
  }

  /** Whether its plant can be told to give less. */
  get isPlantControlled(): boolean {
    const { home, board, runnersOf } = this.#init;
    return home.pv !== null && controlledPlant(home.pv, board, runnersOf(home.pv)) !== null;
  }

  /** What its plant was expected to give in a past slot in which it gave less because it was not sold; `null`: it did not. */
  unsoldIn(slot: InstantMs): WattHours | null {
    return this.#unsold.get(slot) ?? null;
  }

  get isDimmed(): boolean {
    return this.#dimming.signal !== null;
  }

  /** Takes in what was awarded for the slot that starts at `slot`. */
  plan(slot: InstantMs, plan: HomePlan): void {
    this.#plans.set(slot, plan);
    this.#planned.add(slot);
    for (const oldest of this.#planned) {
      if (this.#planned.size <= SLOTS_REMEMBERED) break;
      this.#planned.delete(oldest);
      this.#unsold.delete(oldest);
    }
  }

  /** What of the running slot's plan is still to flow into the battery (> 0) or out of it. */
  outstanding(now: InstantMs): Pick<HomePlan, "battery" | "charger"> {
    const slot = slotAt(now, this.#init.slotLength);
    const plan = this.#plans.get(slot.startMs);
    const left = (energy: WattHours | null): WattHours | null => {
      if (energy === null) return null;
      const [energyWh, leftMs, lengthMs]: [number, number, number] = [energy, slotEnd(slot) - now, slot.lengthMs];
      return wattHours(Math.round((energyWh * leftMs) / lengthMs));
    };
    return { battery: left(plan?.battery ?? null), charger: left(plan?.charger ?? null) };
  }

  /** The market is gone, or its clock: nothing that it awarded holds any longer. */
  forget(): void {
    this.#plans.clear();
  }

  dim(importLimit: Watts, until: InstantMs, now: InstantMs): Result<null, DeskRefusal> {
    const count = Number(this.home.battery !== null) + Number(this.home.charger !== null);
    const least = this.home.limits.dimFloor ?? (count === 0 ? watts(0) : groupMinimum(count, SIMULTANEITY));
    if (importLimit < least) {
      const detail = `${importLimit} W is less than the ${least} W that ${count} controllable devices must be left`;
      return fail({ code: "LIMIT_REFUSED", detail });
    }
    this.#dimming.begin({ importLimit, until }, now);
    return ok(null);
  }

  undim(now: InstantMs): Result<null, DeskRefusal> {
    if (this.#dimming.end(now)) return ok(null);
    return fail({ code: "NOT_DIMMED", detail: "nothing holds this home back" });
  }

  /** What the controlled devices draw together; `null`: one of them does not say. */
  #groupPower(): Watts | null {
    const { home, board } = this.#init;
    let sum = 0;
    for (const device of [home.battery?.device, home.charger?.device]) {
      const power = device === undefined ? 0 : board.numberOf(device, "power_w");
      if (power === null) return null;
      sum += Math.max(0, power);
    }
    return watts(sum);
  }

  /** What flowed into battery and charger in a past slot, net, as far as it was theirs to choose; `null`: not known. */
  flexibleIn(slot: InstantMs): WattHours | null {
    let sum = wattHours(0);
    const isPlanned = this.#planned.has(slot);
    for (const key of ["battery", "charger"] as const) {
      if (this.home[key] === null) continue;
      const flow = this.#flows[key].pastIn(slot);
      if (flow === null && isPlanned) return null;
      if (flow !== null) sum = plus(sum, flow);
    }
    return sum;
  }

  /** What bounded a device last. */
  reasonsFor(device: string): readonly SiteReason[] {
    return this.#allocation?.allowed.find(({ id }) => id === device)?.reasons ?? [];
  }

  /** Works out what every device may do now, and tells it. */
  step(now: InstantMs): void {
    const { home, slotLength } = this.#init;
    const slot = slotAt(now, slotLength);
    for (const past of this.#plans.keys()) if (past < slot.startMs) this.#plans.delete(past);
    this.#dimming.lookAfter(now);
    const plan: HomePlan = this.#plans.get(slot.startMs) ?? { battery: null, charger: null };
    const meter = this.#wattsOf(home.meter);
    const parts = [
      ...(home.battery === null ? [] : this.#battery(home.battery, slot, now, plan.battery)),
      ...(home.charger === null ? [] : this.#charger(home.charger, slot, now, plan.charger)),
      ...this.#plant(meter, slot, plan.plant ?? null),
    ];
    const limits = {
      importMax: home.limits.import,
      exportMax: home.limits.export,
      groupMax: this.#dimming.signal?.importLimit ?? null,
    };
    const isBound = Object.values(limits).some((limit) => limit !== null);
    if (!isBound && parts.every(({ isAwarded }) => !isAwarded)) {
      this.#allocation = null;
      this.#isFailSafe = false;
      this.#heldBack.clear();
      for (const part of parts) part.giveBack(NO_AWARD);
      return;
    }
    this.#allocation = limitSite(
      meter,
      parts.map(({ site }) => site),
      limits,
    );
    this.#isFailSafe = this.#allocation.predicted === null;
    for (const [index, { power }] of this.#allocation.allowed.entries()) {
      const part = parts[index];
      if (part !== undefined) this.#tell(part, power);
    }
  }

  #tell({ site, isAwarded, tell, giveBack }: Part, allowed: Watts): void {
    const isFree = !isAwarded && allowed === site.wanted;
    // a plant says itself what it could give
    if (isFree || isAwarded || site.kind === "generator") this.#heldBack.delete(site.id);
    else this.#heldBack.set(site.id, site.wanted);
    if (isFree) giveBack(NO_AWARD);
    else tell(allowed);
  }

  view(): SiteLimitView {
    const { home } = this.#init;
    const meter = this.#wattsOf(home.meter);
    return {
      home: home.party,
      importLimit: home.limits.import,
      exportLimit: home.limits.export,
      dimmed: this.#dimming.signal,
      measured: meter.kind === "value" ? meter.value : null,
      isFailSafe: this.#isFailSafe,
      reasons: this.#allocation?.breaches.map((reason) => BREACHES[reason] ?? reason) ?? [],
    };
  }

  #wattsOf(device: string): Measurement<Watts> {
    const power = this.#init.board.valueOf(device, "power_w");
    return power.kind === "value" ? measured(watts(power.value)) : power;
  }

  #battery(battery: BatteryConfig, slot: Slot, now: InstantMs, energy: WattHours | null): readonly Part[] {
    const { board, runnersOf } = this.#init;
    const runner = runnersOf(battery.device).get("setpoint_power_w");
    const power = this.#wattsOf(battery.device);
    this.#flows.battery.note(slot.startMs, now, power.kind === "value" ? power.value : null);
    if (runner === undefined) return [];
    const charged = board.valueOf(battery.device, "state_of_charge_ppm");
    const spec = batterySpec(battery);
    const left = durationMs(slotEnd(slot) - now);
    const room =
      charged.kind === "value"
        ? measured(batteryRoom(spec, batteryAt(spec, partsPerMillion(charged.value)), left))
        : charged;
    const bounds = { inMax: battery.charge, outMax: battery.discharge, room };
    const wish = this.#flows.battery.setPoint({ slot, at: now, energy, ...bounds });
    const isAwarded = wish.kind === "power";
    return [
      {
        site: this.#siteDevice(battery.device, "storage", wish, power, watts(0), STORAGE_PRIORITY),
        isAwarded,
        tell: (allowed) => runner.want(allowed),
        giveBack: (why) => runner.release(why),
      },
    ];
  }

  #charger(charger: ChargerConfig, slot: Slot, now: InstantMs, energy: WattHours | null): readonly Part[] {
    const { board, runnersOf } = this.#init;
    const runners = runnersOf(charger.device);
    const [current, enable] = [runners.get("evse_current_ma"), runners.get("evse_enable")];
    const power = this.#wattsOf(charger.device);
    this.#flows.charger.note(slot.startMs, now, power.kind === "value" ? power.value : null);
    if (current === undefined) return [];
    const left = durationMs(slotEnd(slot) - now);
    const room = measured({ into: energyAt(charger.most, left), outOf: wattHours(0) });
    const state = board.numberOf(charger.device, "vehicle_state");
    // where no vehicle asks for anything there is nothing to hold back, and many chargers forget what they were told
    const award = state !== null && NOTHING_TO_CHARGE.has(state) ? null : energy;
    const bounds = { inMax: charger.most, outMax: watts(0), room };
    const wish = this.#flows.charger.setPoint({ slot, at: now, energy: award, ...bounds });
    const phases = board.numberOf(charger.device, "phases_count") ?? (charger.most > ONE_PHASE_W ? 3 : 1);
    return [
      {
        site: this.#siteDevice(charger.device, "load", wish, power, charger.least, CHARGER_PRIORITY),
        isAwarded: wish.kind === "power",
        tell: (allowed) => tellCharger(current, enable, allowed, phases),
        giveBack: (why) => {
          current.release(why);
          enable?.release(why);
        },
      },
    ];
  }

  /** A plant that is silent, as many are at night, flows in the rest that the home's meter shows. */
  #plant(meter: Measurement<Watts>, slot: Slot, plan: PlantPlan | null): readonly Part[] {
    const { home, board, runnersOf } = this.#init;
    if (home.pv === null) return [];
    const plant = controlledPlant(home.pv, board, runnersOf(home.pv));
    const power = this.#wattsOf(home.pv);
    if (plant === null || (power.kind === "missing" && meter.kind === "value")) return [];
    const held = plan === null ? null : heldTo(plan, slot, meter, power);
    if (held !== null && plan !== null && plant.isHeldBack(power)) this.#unsold.set(slot.startMs, plan.expected);
    const wish: SetPoint = { kind: "power", power: watts(-(held ?? plant.potential(power))), reason: null };
    return [
      {
        site: this.#siteDevice(home.pv, "generator", wish, power, watts(0), 0),
        isAwarded: held !== null,
        tell: plant.tell,
        giveBack: plant.giveBack,
      },
    ];
  }

  /** Without an award: what it does, or did before it was held back. What it takes standing by is no charge that is too small. */
  #siteDevice(
    id: string,
    kind: SiteDevice["kind"],
    wish: SetPoint,
    power: Measurement<Watts>,
    minimum: Watts,
    priority: number,
  ): SiteDevice {
    const flows = power.kind === "value" ? power.value : watts(0);
    const isAsked = wish.kind === "power";
    const wanted = isAsked ? wish.power : (this.#heldBack.get(id) ?? flows);
    const least = isAsked ? minimum : watts(Math.max(0, Math.min(minimum, wanted)));
    const isInGroup = kind !== "generator";
    return { id, kind, wanted, measured: power, minimum: least, floor: watts(0), priority, isInGroup };
  }
}

const BREACHES: Partial<Readonly<Record<SiteReason, string>>> = {
  IMPORT_LIMIT: "the home draws more than its connection bears, with all devices held back",
  EXPORT_LIMIT: "the home feeds in more than its connection bears, with all devices held back",
};

/** Below its least current a charger pauses, where it can be told to; else it gets its least. */
function tellCharger(current: ControlRunner, enable: ControlRunner | undefined, allowed: Watts, phases: number): void {
  const allowedW: number = allowed;
  const amperesMilli = Math.floor((allowedW * 1_000) / (VOLTS * phases));
  const { min } = current.control.rules.range;
  if (amperesMilli >= min) {
    enable?.want(1);
    return current.want(amperesMilli);
  }
  if (enable === undefined) return current.want(min);
  enable.want(0);
}

function energyAt(power: Watts, time: DurationMs): WattHours {
  const [powerW, ms]: [number, number] = [power, time];
  return wattHours(Math.floor((powerW * ms) / MS_PER_HOUR));
}
