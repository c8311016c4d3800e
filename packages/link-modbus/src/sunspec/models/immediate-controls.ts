/**
 * What inverters and stores of the older kind can be told: models 123 and 124.
 *
 * Facts from the SunSpec model definitions (github.com/sunspec/models, Apache-2.0).
 */
import { modelTable, type ModelTable } from "../model-table.ts";

export const IMMEDIATE_CONTROLS_MODELS: readonly ModelTable[] = [
  modelTable(
    [123],
    `
    2 Conn_WinTms uint16 - Secs
    3 Conn_RvrtTms uint16 - Secs
    4 Conn enum16
    5 WMaxLimPct uint16 WMaxLimPct_SF %WMax
    6 WMaxLimPct_WinTms uint16 - Secs
    7 WMaxLimPct_RvrtTms uint16 - Secs
    8 WMaxLimPct_RmpTms uint16 - Secs
    9 WMaxLim_Ena enum16
    10 OutPFSet int16 OutPFSet_SF cos()
    11 OutPFSet_WinTms uint16 - Secs
    12 OutPFSet_RvrtTms uint16 - Secs
    13 OutPFSet_RmpTms uint16 - Secs
    14 OutPFSet_Ena enum16
    15 VArWMaxPct int16 VArPct_SF %WMax
    16 VArMaxPct int16 VArPct_SF %VArMax
    17 VArAvalPct int16 VArPct_SF %VArAval
    18 VArPct_WinTms uint16 - Secs
    19 VArPct_RvrtTms uint16 - Secs
    20 VArPct_RmpTms uint16 - Secs
    21 VArPct_Mod enum16
    22 VArPct_Ena enum16
    23 WMaxLimPct_SF sunssf
    24 OutPFSet_SF sunssf
    25 VArPct_SF sunssf
    `,
  ),
  modelTable(
    [124],
    `
    2 WChaMax uint16 WChaMax_SF W
    3 WChaGra uint16 WChaDisChaGra_SF %WChaMax/sec
    4 WDisChaGra uint16 WChaDisChaGra_SF %WChaMax/sec
    5 StorCtl_Mod bitfield16
    6 VAChaMax uint16 VAChaMax_SF VA
    7 MinRsvPct uint16 MinRsvPct_SF %WChaMax
    8 ChaState uint16 ChaState_SF %AhrRtg
    9 StorAval uint16 StorAval_SF AH
    10 InBatV uint16 InBatV_SF V
    11 ChaSt enum16
    12 OutWRte int16 InOutWRte_SF %WDisChaMax
    13 InWRte int16 InOutWRte_SF %WChaMax
    14 InOutWRte_WinTms uint16 - Secs
    15 InOutWRte_RvrtTms uint16 - Secs
    16 InOutWRte_RmpTms uint16 - Secs
    17 ChaGriSet enum16
    18 WChaMax_SF sunssf
    19 WChaDisChaGra_SF sunssf
    20 VAChaMax_SF sunssf
    21 MinRsvPct_SF sunssf
    22 ChaState_SF sunssf
    23 StorAval_SF sunssf
    24 InBatV_SF sunssf
    25 InOutWRte_SF sunssf
    `,
  ),
];
