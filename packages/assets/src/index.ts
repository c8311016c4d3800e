export { type Flow } from "./flow.ts";
export { perfectForecast, persistenceForecast, type Forecast } from "./forecast.ts";
export { stepLoad } from "./load.ts";
export { stepPv, type PvFlow } from "./pv.ts";
export type { DeviceReadings, PointName, Reading } from "./reading.ts";
