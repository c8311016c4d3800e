/**
 * What inverters measure: models 101 to 103 in integers, 111 to 113 in floats, and the strings of model 160.
 *
 * Facts from the SunSpec model definitions (github.com/sunspec/models, Apache-2.0).
 */
import { modelTable, type ModelTable } from "../model-table.ts";

export const INVERTER_MODELS: readonly ModelTable[] = [
  modelTable(
    [101, 102, 103],
    `
    2 A uint16 A_SF A
    3 AphA uint16 A_SF A
    4 AphB uint16 A_SF A
    5 AphC uint16 A_SF A
    6 A_SF sunssf
    7 PPVphAB uint16 V_SF V
    8 PPVphBC uint16 V_SF V
    9 PPVphCA uint16 V_SF V
    10 PhVphA uint16 V_SF V
    11 PhVphB uint16 V_SF V
    12 PhVphC uint16 V_SF V
    13 V_SF sunssf
    14 W int16 W_SF W
    15 W_SF sunssf
    16 Hz uint16 Hz_SF Hz
    17 Hz_SF sunssf
    18 VA int16 VA_SF VA
    19 VA_SF sunssf
    20 VAr int16 VAr_SF var
    21 VAr_SF sunssf
    22 PF int16 PF_SF Pct
    23 PF_SF sunssf
    24 WH acc32 WH_SF Wh
    26 WH_SF sunssf
    27 DCA uint16 DCA_SF A
    28 DCA_SF sunssf
    29 DCV uint16 DCV_SF V
    30 DCV_SF sunssf
    31 DCW int16 DCW_SF W
    32 DCW_SF sunssf
    33 TmpCab int16 Tmp_SF C
    34 TmpSnk int16 Tmp_SF C
    35 TmpTrns int16 Tmp_SF C
    36 TmpOt int16 Tmp_SF C
    37 Tmp_SF sunssf
    38 St enum16
    39 StVnd enum16
    40 Evt1 bitfield32
    42 Evt2 bitfield32
    44 EvtVnd1 bitfield32
    46 EvtVnd2 bitfield32
    48 EvtVnd3 bitfield32
    50 EvtVnd4 bitfield32
    `,
  ),
  modelTable(
    [111, 112, 113],
    `
    2 A float32 - A
    4 AphA float32 - A
    6 AphB float32 - A
    8 AphC float32 - A
    10 PPVphAB float32 - V
    12 PPVphBC float32 - V
    14 PPVphCA float32 - V
    16 PhVphA float32 - V
    18 PhVphB float32 - V
    20 PhVphC float32 - V
    22 W float32 - W
    24 Hz float32 - Hz
    26 VA float32 - VA
    28 VAr float32 - var
    30 PF float32 - Pct
    32 WH float32 - Wh
    34 DCA float32 - A
    36 DCV float32 - V
    38 DCW float32 - W
    40 TmpCab float32 - C
    42 TmpSnk float32 - C
    44 TmpTrns float32 - C
    46 TmpOt float32 - C
    48 St enum16
    49 StVnd enum16
    50 Evt1 bitfield32
    52 Evt2 bitfield32
    54 EvtVnd1 bitfield32
    56 EvtVnd2 bitfield32
    58 EvtVnd3 bitfield32
    60 EvtVnd4 bitfield32
    `,
  ),
  modelTable(
    [160],
    `
    2 DCA_SF sunssf
    3 DCV_SF sunssf
    4 DCW_SF sunssf
    5 DCWH_SF sunssf
    6 Evt bitfield32
    8 N count
    9 TmsPer uint16
    `,
    {
      name: "module",
      start: 10,
      length: 20,
      points: `
      0 ID uint16
      1 IDStr string8
      9 DCA uint16 DCA_SF A
      10 DCV uint16 DCV_SF V
      11 DCW uint16 DCW_SF W
      12 DCWH acc32 DCWH_SF Wh
      14 Tms uint32 - Secs
      16 Tmp int16 - C
      17 DCSt enum16
      18 DCEvt bitfield32
      `,
    },
  ),
];
