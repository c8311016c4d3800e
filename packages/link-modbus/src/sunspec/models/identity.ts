/**
 * Who a device is: model 1.
 *
 * Facts from the SunSpec model definitions (github.com/sunspec/models, Apache-2.0).
 */
import { modelTable, type ModelTable } from "../model-table.ts";

export const IDENTITY_MODELS: readonly ModelTable[] = [
  modelTable(
    [1],
    `
    2 Mn string16
    18 Md string16
    34 Opt string8
    42 Vr string8
    50 SN string16
    66 DA uint16
    `,
  ),
];
