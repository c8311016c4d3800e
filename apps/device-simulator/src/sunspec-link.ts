/** The SunSpec side: holding registers of the devices under control, behind a gate of their own. */
import type { Fleet } from "./fleet.ts";
import type { FaultBoard } from "./fault-board.ts";
import { FUNCTION } from "./modbus-frames.ts";
import type { GateOptions, ModbusGate } from "./modbus-gate.ts";
import { serveModbus } from "./modbus-server.ts";

const FUNCTIONS = new Set([FUNCTION.readHolding, FUNCTION.writeSingle, FUNCTION.writeMultiple]);

/** The gate, and which units the devices with some ids have. */
export interface SunspecLink extends ModbusGate {
  readonly unitsOf: (ids: ReadonlySet<string>) => ReadonlySet<number>;
}

/** Opens it; rejects where the port is taken. */
export async function openSunspecLink(
  fleet: Fleet,
  board: FaultBoard,
  options: Pick<GateOptions, "host" | "port" | "connectionsMax" | "idleMs">,
): Promise<SunspecLink> {
  const ofUnit = new Map(fleet.sunspec.map((endpoint) => [endpoint.device.unit, endpoint]));
  const gate = await serveModbus(
    {
      ...options,
      functions: FUNCTIONS,
      treatmentOf: (unit) => board.treat(ofUnit.get(unit)?.device.id ?? ""),
    },
    {
      readHolding: (unit, address, count) => {
        const endpoint = ofUnit.get(unit);
        if (endpoint === undefined) return undefined;
        fleet.plantOf(endpoint.device.home);
        return endpoint.map.read(address, count);
      },
      writeHolding: (unit, address, words) => {
        const endpoint = ofUnit.get(unit);
        if (endpoint === undefined) return undefined;
        const { refusal, ignoresWrites } = board.conditionOf(endpoint.device.id);
        if (refusal !== null) return refusal;
        if (ignoresWrites) return null;
        fleet.plantOf(endpoint.device.home);
        const code = endpoint.map.write(address, words);
        fleet.plantOf(endpoint.device.home);
        return code;
      },
    },
  );
  return {
    ...gate,
    unitsOf: (ids) =>
      new Set(fleet.sunspec.filter(({ device }) => ids.has(device.id)).map(({ device }) => device.unit)),
  };
}
