export {
  batteryAt,
  batteryRoom,
  capacityMicroWh,
  reserveMicroWh,
  stepBattery,
  storedBy,
  type BatteryFlow,
  type BatteryRoom,
  type BatterySpec,
  type BatteryState,
} from "./battery.ts";
export {
  chargerCurrent,
  chargerPower,
  chargerRoom,
  stepCharger,
  type ChargerFlow,
  type ChargerRoom,
  type ChargingSession,
} from "./charger.ts";
export { type Flow } from "./flow.ts";
export { perfectForecast, persistenceForecast, type Forecast } from "./forecast.ts";
export { stepLoad } from "./load.ts";
export { stepPv, type PvFlow } from "./pv.ts";
export {
  COUNTER_NAMES,
  OPERATING_STATES,
  POINT_NAMES,
  VEHICLE_STATES,
  type DeviceReadings,
  type PointName,
  type Reading,
} from "./reading.ts";
