/**
 * What an inverter is built and set for, and its state: models 120 to 122.
 *
 * Facts from the SunSpec model definitions (github.com/sunspec/models, Apache-2.0).
 */
import { modelTable, type ModelTable } from "../model-table.ts";

export const RATINGS_MODELS: readonly ModelTable[] = [
  modelTable(
    [120],
    `
    2 DERTyp enum16
    3 WRtg uint16 WRtg_SF W
    4 WRtg_SF sunssf
    5 VARtg uint16 VARtg_SF VA
    6 VARtg_SF sunssf
    7 VArRtgQ1 int16 VArRtg_SF var
    8 VArRtgQ2 int16 VArRtg_SF var
    9 VArRtgQ3 int16 VArRtg_SF var
    10 VArRtgQ4 int16 VArRtg_SF var
    11 VArRtg_SF sunssf
    12 ARtg uint16 ARtg_SF A
    13 ARtg_SF sunssf
    14 PFRtgQ1 int16 PFRtg_SF cos()
    15 PFRtgQ2 int16 PFRtg_SF cos()
    16 PFRtgQ3 int16 PFRtg_SF cos()
    17 PFRtgQ4 int16 PFRtg_SF cos()
    18 PFRtg_SF sunssf
    19 WHRtg uint16 WHRtg_SF Wh
    20 WHRtg_SF sunssf
    21 AhrRtg uint16 AhrRtg_SF AH
    22 AhrRtg_SF sunssf
    23 MaxChaRte uint16 MaxChaRte_SF W
    24 MaxChaRte_SF sunssf
    25 MaxDisChaRte uint16 MaxDisChaRte_SF W
    26 MaxDisChaRte_SF sunssf
    `,
  ),
  modelTable(
    [121],
    `
    2 WMax uint16 WMax_SF W
    3 VRef uint16 VRef_SF V
    4 VRefOfs int16 VRefOfs_SF V
    5 VMax uint16 VMinMax_SF V
    6 VMin uint16 VMinMax_SF V
    7 VAMax uint16 VAMax_SF VA
    8 VArMaxQ1 int16 VArMax_SF var
    9 VArMaxQ2 int16 VArMax_SF var
    10 VArMaxQ3 int16 VArMax_SF var
    11 VArMaxQ4 int16 VArMax_SF var
    12 WGra uint16 WGra_SF %WMax/sec
    13 PFMinQ1 int16 PFMin_SF cos()
    14 PFMinQ2 int16 PFMin_SF cos()
    15 PFMinQ3 int16 PFMin_SF cos()
    16 PFMinQ4 int16 PFMin_SF cos()
    17 VArAct enum16
    18 ClcTotVA enum16
    19 MaxRmpRte uint16 MaxRmpRte_SF %WGra
    20 ECPNomHz uint16 ECPNomHz_SF Hz
    21 ConnPh enum16
    22 WMax_SF sunssf
    23 VRef_SF sunssf
    24 VRefOfs_SF sunssf
    25 VMinMax_SF sunssf
    26 VAMax_SF sunssf
    27 VArMax_SF sunssf
    28 WGra_SF sunssf
    29 PFMin_SF sunssf
    30 MaxRmpRte_SF sunssf
    31 ECPNomHz_SF sunssf
    `,
  ),
  modelTable(
    [122],
    `
    2 PVConn bitfield16
    3 StorConn bitfield16
    4 ECPConn bitfield16
    5 ActWh acc64 - Wh
    9 ActVAh acc64 - VAh
    13 ActVArhQ1 acc64 - varh
    17 ActVArhQ2 acc64 - varh
    21 ActVArhQ3 acc64 - varh
    25 ActVArhQ4 acc64 - varh
    29 VArAval int16 VArAval_SF var
    30 VArAval_SF sunssf
    31 WAval uint16 WAval_SF W
    32 WAval_SF sunssf
    33 StSetLimMsk bitfield32
    35 StActCtl bitfield32
    37 TmSrc string4
    41 Tms uint32 - Secs
    43 RtSt bitfield16
    44 Ris uint16 Ris_SF ohms
    45 Ris_SF sunssf
    `,
  ),
];
