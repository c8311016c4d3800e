/**
 * What IEEE 1547 devices measure and are built for: models 701, 702, 713 and 714.
 *
 * Facts from the SunSpec model definitions (github.com/sunspec/models, Apache-2.0).
 */
import { modelTable, type ModelTable } from "../model-table.ts";

export const DER_MEASUREMENT_MODELS: readonly ModelTable[] = [
  modelTable(
    [701],
    `
    2 ACType enum16
    3 St enum16
    4 InvSt enum16
    5 ConnSt enum16
    6 Alrm bitfield32
    8 DERMode bitfield32
    10 W int16 W_SF W
    11 VA int16 VA_SF VA
    12 Var int16 Var_SF Var
    13 PF int16 PF_SF
    14 A int16 A_SF A
    15 LLV uint16 V_SF V
    16 LNV uint16 V_SF V
    17 Hz uint32 Hz_SF Hz
    19 TotWhInj uint64 TotWh_SF Wh
    23 TotWhAbs uint64 TotWh_SF Wh
    27 TotVarhInj uint64 TotVarh_SF Varh
    31 TotVarhAbs uint64 TotVarh_SF Varh
    35 TmpAmb int16 Tmp_SF C
    36 TmpCab int16 Tmp_SF C
    37 TmpSnk int16 Tmp_SF C
    38 TmpTrns int16 Tmp_SF C
    39 TmpSw int16 Tmp_SF C
    40 TmpOt int16 Tmp_SF C
    41 WL1 int16 W_SF W
    42 VAL1 int16 VA_SF VA
    43 VarL1 int16 Var_SF Var
    44 PFL1 int16 PF_SF
    45 AL1 int16 A_SF A
    46 VL1L2 uint16 V_SF V
    47 VL1 uint16 V_SF V
    48 TotWhInjL1 uint64 TotWh_SF Wh
    52 TotWhAbsL1 uint64 TotWh_SF Wh
    56 TotVarhInjL1 uint64 TotVarh_SF Varh
    60 TotVarhAbsL1 uint64 TotVarh_SF Varh
    64 WL2 int16 W_SF W
    65 VAL2 int16 VA_SF VA
    66 VarL2 int16 Var_SF Var
    67 PFL2 int16 PF_SF
    68 AL2 int16 A_SF A
    69 VL2L3 uint16 V_SF V
    70 VL2 uint16 V_SF V
    71 TotWhInjL2 uint64 TotWh_SF Wh
    75 TotWhAbsL2 uint64 TotWh_SF Wh
    79 TotVarhInjL2 uint64 TotVarh_SF Varh
    83 TotVarhAbsL2 uint64 TotVarh_SF Varh
    87 WL3 int16 W_SF W
    88 VAL3 int16 VA_SF VA
    89 VarL3 int16 Var_SF Var
    90 PFL3 int16 PF_SF
    91 AL3 int16 A_SF A
    92 VL3L1 uint16 V_SF V
    93 VL3 uint16 V_SF V
    94 TotWhInjL3 uint64 TotWh_SF Wh
    98 TotWhAbsL3 uint64 TotWh_SF Wh
    102 TotVarhInjL3 uint64 TotVarh_SF Varh
    106 TotVarhAbsL3 uint64 TotVarh_SF Varh
    110 ThrotPct uint16 - Pct
    111 ThrotSrc bitfield32
    113 A_SF sunssf
    114 V_SF sunssf
    115 Hz_SF sunssf
    116 W_SF sunssf
    117 PF_SF sunssf
    118 VA_SF sunssf
    119 Var_SF sunssf
    120 TotWh_SF sunssf
    121 TotVarh_SF sunssf
    122 Tmp_SF sunssf
    123 MnAlrmInfo string32
    `,
  ),
  modelTable(
    [702],
    `
    2 WMaxRtg uint16 W_SF W
    3 WOvrExtRtg uint16 W_SF W
    4 WOvrExtRtgPF uint16 PF_SF
    5 WUndExtRtg uint16 W_SF W
    6 WUndExtRtgPF uint16 PF_SF
    7 VAMaxRtg uint16 VA_SF VA
    8 VarMaxInjRtg uint16 Var_SF Var
    9 VarMaxAbsRtg uint16 Var_SF Var
    10 WChaRteMaxRtg uint16 W_SF W
    11 WDisChaRteMaxRtg uint16 W_SF W
    12 VAChaRteMaxRtg uint16 VA_SF VA
    13 VADisChaRteMaxRtg uint16 VA_SF VA
    14 VNomRtg uint16 V_SF V
    15 VMaxRtg uint16 V_SF V
    16 VMinRtg uint16 V_SF V
    17 AMaxRtg uint16 A_SF A
    18 PFOvrExtRtg uint16 PF_SF
    19 PFUndExtRtg uint16 PF_SF
    20 ReactSusceptRtg uint16 S_SF S
    21 NorOpCatRtg enum16
    22 AbnOpCatRtg enum16
    23 CtrlModes bitfield32
    25 IntIslandCatRtg bitfield16
    26 WMax uint16 W_SF W
    27 WMaxOvrExt uint16 W_SF W
    28 WOvrExtPF uint16 PF_SF
    29 WMaxUndExt uint16 W_SF W
    30 WUndExtPF uint16 PF_SF
    31 VAMax uint16 VA_SF VA
    32 VarMaxInj uint16 Var_SF Var
    33 VarMaxAbs uint16 Var_SF Var
    34 WChaRteMax uint16 W_SF W
    35 WDisChaRteMax uint16 W_SF W
    36 VAChaRteMax uint16 VA_SF VA
    37 VADisChaRteMax uint16 VA_SF VA
    38 VNom uint16 V_SF V
    39 VMax uint16 V_SF V
    40 VMin uint16 V_SF V
    41 AMax uint16 A_SF A
    42 PFOvrExt uint16 PF_SF
    43 PFUndExt uint16 PF_SF
    44 IntIslandCat bitfield16
    45 W_SF sunssf
    46 PF_SF sunssf
    47 VA_SF sunssf
    48 Var_SF sunssf
    49 V_SF sunssf
    50 A_SF sunssf
    51 S_SF sunssf
    `,
  ),
  modelTable(
    [713],
    `
    2 WHRtg uint16 WH_SF WH
    3 WHAvail uint16 WH_SF WH
    4 SoC uint16 Pct_SF Pct
    5 SoH uint16 Pct_SF Pct
    6 Sta enum16
    7 WH_SF sunssf
    8 Pct_SF sunssf
    `,
  ),
  modelTable(
    [714],
    `
    2 PrtAlrms bitfield32
    4 NPrt uint16
    5 DCA int16 DCA_SF A
    6 DCW int16 DCW_SF W
    7 DCWhInj uint64 DCWH_SF Wh
    11 DCWhAbs uint64 DCWH_SF Wh
    15 DCA_SF sunssf
    16 DCV_SF sunssf
    17 DCW_SF sunssf
    18 DCWH_SF sunssf
    19 Tmp_SF sunssf
    `,
    {
      name: "Prt",
      start: 20,
      length: 25,
      points: `
      0 PrtTyp enum16
      1 ID uint16
      2 IDStr string8
      10 DCA int16 DCA_SF A
      11 DCV uint16 DCV_SF V
      12 DCW int16 DCW_SF W
      13 DCWhInj uint64 DCWH_SF Wh
      17 DCWhAbs uint64 DCWH_SF Wh
      21 Tmp int16 Tmp_SF C
      22 DCSta enum16
      23 DCAlrm bitfield32
      `,
    },
  ),
];
