/** All models that are known here, and references to their points: `103:W`, `160:module[3].DCW`. */
import { placeIn, type ModelTable, type PointPlace } from "./model-table.ts";
import { BATTERY_MODELS } from "./models/battery.ts";
import { DER_CONTROL_MODELS } from "./models/der-control.ts";
import { DER_MEASUREMENT_MODELS } from "./models/der-measurement.ts";
import { IDENTITY_MODELS } from "./models/identity.ts";
import { IMMEDIATE_CONTROLS_MODELS } from "./models/immediate-controls.ts";
import { INVERTER_MODELS } from "./models/inverter.ts";
import { METER_MODELS } from "./models/meter.ts";
import { RATINGS_MODELS } from "./models/ratings.ts";

/** The model that says who a device is, and that starts each device. */
export const IDENTITY_MODEL = 1;

const TABLES: ReadonlyMap<number, ModelTable> = new Map(
  [
    ...[IDENTITY_MODELS, INVERTER_MODELS, RATINGS_MODELS, IMMEDIATE_CONTROLS_MODELS],
    ...[METER_MODELS, DER_MEASUREMENT_MODELS, DER_CONTROL_MODELS, BATTERY_MODELS],
  ]
    .flat()
    .flatMap((table) => table.ids.map((id) => [id, table])),
);

/** A point of a model. */
export interface PointReference {
  readonly model: number;
  readonly place: PointPlace;
}

/** The numbers of all models that have a table. */
export function knownModels(): readonly number[] {
  return [...TABLES.keys()];
}

/** The table of a model; `null`: it is not known here. */
export function tableOf(model: number): ModelTable | null {
  return TABLES.get(model) ?? null;
}

/** A point of a model by its name; `null`: there is none. */
export function placeOfPoint(model: number, name: string): PointPlace | null {
  const table = tableOf(model);
  return table === null ? null : placeIn(table, name);
}

/** What a text such as `103:W` refers to; `null`: nothing. */
export function referenceOf(text: string): PointReference | null {
  const [, model, name = ""] = /^(\d{1,5}):(\S+)$/.exec(text) ?? [];
  const place = model === undefined ? null : placeOfPoint(Number(model), name);
  return place === null ? null : { model: Number(model), place };
}
