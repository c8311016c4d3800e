/**
 * The points of the SunSpec models that the devices have, in the order of their registers: name and type.
 *
 * Source: SunSpec information models (sunspec/models, Apache-2.0).
 */
import { layout, type Layout } from "./layout.ts";

export const COMMON = layout(
  1,
  `
  Mn:str16 Md:str16 Opt:str8 Vr:str8 SN:str16 DA:u16 Pad:pad`,
);

export const INVERTER = layout(
  103,
  `
  A:u16 AphA:u16 AphB:u16 AphC:u16 A_SF:sf PPVphAB:u16 PPVphBC:u16 PPVphCA:u16 PhVphA:u16 PhVphB:u16 PhVphC:u16
  V_SF:sf W:s16 W_SF:sf Hz:u16 Hz_SF:sf VA:s16 VA_SF:sf VAr:s16 VAr_SF:sf PF:s16 PF_SF:sf WH:acc32 WH_SF:sf
  DCA:u16 DCA_SF:sf DCV:u16 DCV_SF:sf DCW:s16 DCW_SF:sf TmpCab:s16 TmpSnk:s16 TmpTrns:s16 TmpOt:s16 Tmp_SF:sf
  St:u16 StVnd:u16 Evt1:u32 Evt2:u32 EvtVnd1:u32 EvtVnd2:u32 EvtVnd3:u32 EvtVnd4:u32`,
);

export const NAMEPLATE = layout(
  120,
  `
  DERTyp:u16 WRtg:u16 WRtg_SF:sf VARtg:u16 VARtg_SF:sf VArRtgQ1:s16 VArRtgQ2:s16 VArRtgQ3:s16 VArRtgQ4:s16
  VArRtg_SF:sf ARtg:u16 ARtg_SF:sf PFRtgQ1:s16 PFRtgQ2:s16 PFRtgQ3:s16 PFRtgQ4:s16 PFRtg_SF:sf WHRtg:u16
  WHRtg_SF:sf AhrRtg:u16 AhrRtg_SF:sf MaxChaRte:u16 MaxChaRte_SF:sf MaxDisChaRte:u16 MaxDisChaRte_SF:sf Pad:pad`,
);

export const SETTINGS = layout(
  121,
  `
  WMax:u16 VRef:u16 VRefOfs:s16 VMax:u16 VMin:u16 VAMax:u16 VArMaxQ1:s16 VArMaxQ2:s16 VArMaxQ3:s16 VArMaxQ4:s16
  WGra:u16 PFMinQ1:s16 PFMinQ2:s16 PFMinQ3:s16 PFMinQ4:s16 VArAct:u16 ClcTotVA:u16 MaxRmpRte:u16 ECPNomHz:u16
  ConnPh:u16 WMax_SF:sf VRef_SF:sf VRefOfs_SF:sf VMinMax_SF:sf VAMax_SF:sf VArMax_SF:sf WGra_SF:sf PFMin_SF:sf
  MaxRmpRte_SF:sf ECPNomHz_SF:sf`,
);

export const CONTROLS = layout(
  123,
  `
  Conn_WinTms:u16 Conn_RvrtTms:u16 Conn:u16 WMaxLimPct:u16 WMaxLimPct_WinTms:u16 WMaxLimPct_RvrtTms:u16
  WMaxLimPct_RmpTms:u16 WMaxLim_Ena:u16 OutPFSet:s16 OutPFSet_WinTms:u16 OutPFSet_RvrtTms:u16 OutPFSet_RmpTms:u16
  OutPFSet_Ena:u16 VArWMaxPct:s16 VArMaxPct:s16 VArAvalPct:s16 VArPct_WinTms:u16 VArPct_RvrtTms:u16
  VArPct_RmpTms:u16 VArPct_Mod:u16 VArPct_Ena:u16 WMaxLimPct_SF:sf OutPFSet_SF:sf VArPct_SF:sf`,
);

export const STORAGE = layout(
  124,
  `
  WChaMax:u16 WChaGra:u16 WDisChaGra:u16 StorCtl_Mod:u16 VAChaMax:u16 MinRsvPct:u16 ChaState:u16 StorAval:u16
  InBatV:u16 ChaSt:u16 OutWRte:s16 InWRte:s16 InOutWRte_WinTms:u16 InOutWRte_RvrtTms:u16 InOutWRte_RmpTms:u16
  ChaGriSet:u16 WChaMax_SF:sf WChaDisChaGra_SF:sf VAChaMax_SF:sf MinRsvPct_SF:sf ChaState_SF:sf StorAval_SF:sf
  InBatV_SF:sf InOutWRte_SF:sf`,
);

const MPPT_MODULE = `@ID:u16 @IDStr:str8 @DCA:u16 @DCV:u16 @DCW:u16 @DCWH:acc32 @Tms:u32 @Tmp:s16 @DCSt:u16 @DCEvt:u32`;

/** MPPT extension with so many modules; their points carry the module's number: `3.DCW`. */
export const mppt = (modules: number): Layout =>
  layout(
    160,
    [
      `
  DCA_SF:sf DCV_SF:sf DCW_SF:sf DCWH_SF:sf Evt:u32 N:u16 TmsPer:u16`,
      ...Array.from({ length: modules }, (_, index) => MPPT_MODULE.replaceAll("@", `${index + 1}.`)),
    ].join(" "),
  );

export const DER_MEASUREMENT = layout(
  701,
  `
  ACType:u16 St:u16 InvSt:u16 ConnSt:u16 Alrm:u32 DERMode:u32 W:s16 VA:s16 Var:s16 PF:s16 A:s16 LLV:u16 LNV:u16
  Hz:u32 TotWhInj:u64 TotWhAbs:u64 TotVarhInj:u64 TotVarhAbs:u64 TmpAmb:s16 TmpCab:s16 TmpSnk:s16 TmpTrns:s16
  TmpSw:s16 TmpOt:s16 WL1:s16 VAL1:s16 VarL1:s16 PFL1:s16 AL1:s16 VL1L2:u16 VL1:u16 TotWhInjL1:u64 TotWhAbsL1:u64
  TotVarhInjL1:u64 TotVarhAbsL1:u64 WL2:s16 VAL2:s16 VarL2:s16 PFL2:s16 AL2:s16 VL2L3:u16 VL2:u16 TotWhInjL2:u64
  TotWhAbsL2:u64 TotVarhInjL2:u64 TotVarhAbsL2:u64 WL3:s16 VAL3:s16 VarL3:s16 PFL3:s16 AL3:s16 VL3L1:u16 VL3:u16
  TotWhInjL3:u64 TotWhAbsL3:u64 TotVarhInjL3:u64 TotVarhAbsL3:u64 ThrotPct:u16 ThrotSrc:u32 A_SF:sf V_SF:sf
  Hz_SF:sf W_SF:sf PF_SF:sf VA_SF:sf Var_SF:sf TotWh_SF:sf TotVarh_SF:sf Tmp_SF:sf MnAlrmInfo:str32`,
);

export const DER_CAPACITY = layout(
  702,
  `
  WMaxRtg:u16 WOvrExtRtg:u16 WOvrExtRtgPF:u16 WUndExtRtg:u16 WUndExtRtgPF:u16 VAMaxRtg:u16 VarMaxInjRtg:u16
  VarMaxAbsRtg:u16 WChaRteMaxRtg:u16 WDisChaRteMaxRtg:u16 VAChaRteMaxRtg:u16 VADisChaRteMaxRtg:u16 VNomRtg:u16
  VMaxRtg:u16 VMinRtg:u16 AMaxRtg:u16 PFOvrExtRtg:u16 PFUndExtRtg:u16 ReactSusceptRtg:u16 NorOpCatRtg:u16
  AbnOpCatRtg:u16 CtrlModes:u32 IntIslandCatRtg:u16 WMax:u16 WMaxOvrExt:u16 WOvrExtPF:u16 WMaxUndExt:u16
  WUndExtPF:u16 VAMax:u16 VarMaxInj:u16 VarMaxAbs:u16 WChaRteMax:u16 WDisChaRteMax:u16 VAChaRteMax:u16
  VADisChaRteMax:u16 VNom:u16 VMax:u16 VMin:u16 AMax:u16 PFOvrExt:u16 PFUndExt:u16 IntIslandCat:u16 W_SF:sf
  PF_SF:sf VA_SF:sf Var_SF:sf V_SF:sf A_SF:sf S_SF:sf`,
);

export const DER_CONTROL = layout(
  704,
  `
  PFWInjEna:u16 PFWInjEnaRvrt:u16 PFWInjRvrtTms:u32 PFWInjRvrtRem:u32 PFWAbsEna:u16 PFWAbsEnaRvrt:u16
  PFWAbsRvrtTms:u32 PFWAbsRvrtRem:u32 WMaxLimPctEna:u16 WMaxLimPct:u16 WMaxLimPctRvrt:u16 WMaxLimPctEnaRvrt:u16
  WMaxLimPctRvrtTms:u32 WMaxLimPctRvrtRem:u32 WSetEna:u16 WSetMod:u16 WSet:s32 WSetRvrt:s32 WSetPct:s16
  WSetPctRvrt:s16 WSetEnaRvrt:u16 WSetRvrtTms:u32 WSetRvrtRem:u32 VarSetEna:u16 VarSetMod:u16 VarSetPri:u16
  VarSet:s32 VarSetRvrt:s32 VarSetPct:s16 VarSetPctRvrt:s16 VarSetEnaRvrt:u16 VarSetRvrtTms:u32 VarSetRvrtRem:u32
  WRmp:u16 WRmpRef:u16 VarRmp:u16 AntiIslEna:u16 PF_SF:sf WMaxLimPct_SF:sf WSet_SF:sf WSetPct_SF:sf VarSet_SF:sf
  VarSetPct_SF:sf PFWInj.PF:u16 PFWInj.Ext:u16 PFWInjRvrt.PF:u16 PFWInjRvrt.Ext:u16 PFWAbs.PF:u16 PFWAbs.Ext:u16
  PFWAbsRvrt.PF:u16 PFWAbsRvrt.Ext:u16`,
);

export const DER_STORAGE = layout(
  713,
  `
  WHRtg:u16 WHAvail:u16 SoC:u16 SoH:u16 Sta:u16 WH_SF:sf Pct_SF:sf`,
);

export const DER_OPERATION = layout(
  715,
  `
  LocRemCtl:u16 DERHb:u32 ControllerHb:u32 AlarmReset:u16 OpCtl:u16`,
);

export const BATTERY = layout(
  802,
  `
  AHRtg:u16 WHRtg:u16 WChaRteMax:u16 WDisChaRteMax:u16 DisChaRte:u16 SoCMax:u16 SoCMin:u16 SocRsvMax:u16
  SoCRsvMin:u16 SoC:u16 DoD:u16 SoH:u16 NCyc:u32 ChaSt:u16 LocRemCtl:u16 Hb:u16 CtrlHb:u16 AlmRst:u16 Typ:u16
  State:u16 StateVnd:u16 WarrDt:u32 Evt1:u32 Evt2:u32 EvtVnd1:u32 EvtVnd2:u32 V:u16 VMax:u16 VMin:u16 CellVMax:u16
  CellVMaxStr:u16 CellVMaxMod:u16 CellVMin:u16 CellVMinStr:u16 CellVMinMod:u16 CellVAvg:u16 A:s16 AChaMax:u16
  ADisChaMax:u16 W:s16 ReqInvState:u16 ReqW:s16 SetOp:u16 SetInvState:u16 AHRtg_SF:sf WHRtg_SF:sf
  WChaDisChaMax_SF:sf DisChaRte_SF:sf SoC_SF:sf DoD_SF:sf SoH_SF:sf V_SF:sf CellV_SF:sf A_SF:sf AMax_SF:sf W_SF:sf`,
);
