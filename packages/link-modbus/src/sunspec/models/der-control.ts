/**
 * What IEEE 1547 devices can be told, models 704 and 715, and the functions that run on their own, 703 and 705 to 712.
 *
 * Facts from the SunSpec model definitions (github.com/sunspec/models, Apache-2.0).
 */
import { modelTable, type ModelTable } from "../model-table.ts";

export const DER_CONTROL_MODELS: readonly ModelTable[] = [
  modelTable(
    [703],
    `
    2 ES enum16
    3 ESVHi uint16 V_SF Pct
    4 ESVLo uint16 V_SF Pct
    5 ESHzHi uint32 Hz_SF Hz
    7 ESHzLo uint32 Hz_SF Hz
    9 ESDlyTms uint32 - Secs
    11 ESRndTms uint32 - Secs
    13 ESRmpTms uint32 - Secs
    15 ESDlyRemTms uint32 - Secs
    17 V_SF sunssf
    18 Hz_SF sunssf
    `,
  ),
  modelTable(
    [704],
    `
    2 PFWInjEna enum16
    3 PFWInjEnaRvrt enum16
    4 PFWInjRvrtTms uint32 - Secs
    6 PFWInjRvrtRem uint32 - Secs
    8 PFWAbsEna enum16
    9 PFWAbsEnaRvrt enum16
    10 PFWAbsRvrtTms uint32 - Secs
    12 PFWAbsRvrtRem uint32 - Secs
    14 WMaxLimPctEna enum16
    15 WMaxLimPct uint16 WMaxLimPct_SF Pct
    16 WMaxLimPctRvrt uint16 WMaxLimPct_SF Pct
    17 WMaxLimPctEnaRvrt enum16
    18 WMaxLimPctRvrtTms uint32 - Secs
    20 WMaxLimPctRvrtRem uint32 - Secs
    22 WSetEna enum16
    23 WSetMod enum16
    24 WSet int32 WSet_SF W
    26 WSetRvrt int32 WSet_SF W
    28 WSetPct int16 WSetPct_SF Pct
    29 WSetPctRvrt int16 WSetPct_SF Pct
    30 WSetEnaRvrt enum16
    31 WSetRvrtTms uint32 - Secs
    33 WSetRvrtRem uint32 - Secs
    35 VarSetEna enum16
    36 VarSetMod enum16
    37 VarSetPri enum16
    38 VarSet int32 VarSet_SF Var
    40 VarSetRvrt int32 VarSet_SF Var
    42 VarSetPct int16 VarSetPct_SF Pct
    43 VarSetPctRvrt int16 VarSetPct_SF Pct
    44 VarSetEnaRvrt enum16
    45 VarSetRvrtTms uint32 - Secs
    47 VarSetRvrtRem uint32 - Secs
    49 WRmp uint16 - %Max/Sec
    50 WRmpRef enum16
    51 VarRmp uint16 - %Max/Sec
    52 AntiIslEna enum16
    53 PF_SF sunssf
    54 WMaxLimPct_SF sunssf
    55 WSet_SF sunssf
    56 WSetPct_SF sunssf
    57 VarSet_SF sunssf
    58 VarSetPct_SF sunssf
    59 PFWInj.PF uint16 PF_SF
    60 PFWInj.Ext enum16
    61 PFWInjRvrt.PF uint16 PF_SF
    62 PFWInjRvrt.Ext enum16
    63 PFWAbs.PF uint16 PF_SF
    64 PFWAbs.Ext enum16
    65 PFWAbsRvrt.PF uint16 PF_SF
    66 PFWAbsRvrt.Ext enum16
    `,
  ),
  modelTable(
    [705, 706],
    `
    2 Ena enum16
    3 AdptCrvReq uint16
    4 AdptCrvRslt enum16
    5 NPt uint16
    6 NCrv uint16
    7 RvrtTms uint32 - Secs
    9 RvrtRem uint32 - Secs
    11 RvrtCrv uint16
    12 V_SF sunssf
    13 DeptRef_SF sunssf
    14 RspTms_SF sunssf
    `,
  ),
  modelTable(
    [707, 708],
    `
    2 Ena enum16
    3 AdptCrvReq uint16
    4 AdptCrvRslt enum16
    5 NPt uint16
    6 NCrvSet uint16
    7 V_SF sunssf
    8 Tms_SF sunssf
    `,
  ),
  modelTable(
    [709, 710],
    `
    2 Ena enum16
    3 AdptCrvReq uint16
    4 AdptCrvRslt enum16
    5 NPt uint16
    6 NCrvSet uint16
    7 Hz_SF sunssf
    8 Tms_SF sunssf
    `,
  ),
  modelTable(
    [711],
    `
    2 Ena enum16
    3 AdptCtlReq uint16
    4 AdptCtlRslt enum16
    5 NCtl uint16
    6 RvrtTms uint32 - Secs
    8 RvrtRem uint32 - Secs
    10 RvrtCtl uint16
    11 Db_SF sunssf
    12 K_SF sunssf
    13 RspTms_SF sunssf
    `,
  ),
  modelTable(
    [712],
    `
    2 Ena enum16
    3 AdptCrvReq uint16
    4 AdptCrvRslt enum16
    5 NPt uint16
    6 NCrv uint16
    7 RvrtTms uint32 - Secs
    9 RvrtRem uint32 - Secs
    11 RvrtCrv uint16
    12 W_SF sunssf
    13 DeptRef_SF sunssf
    `,
  ),
  modelTable(
    [715],
    `
    2 LocRemCtl enum16
    3 DERHb uint32
    5 ControllerHb uint32
    7 AlarmReset uint16
    8 OpCtl enum16
    `,
  ),
];
