"""SunSpec devices behind one Modbus TCP port, by pysunspec2 (registers) and pymodbus (wire).

  sunspec-server.py --device KIND@UNIT[:KEY=VALUE,...] ... [--port N] [--clock real|manual] [--speed N] [--tls CERT KEY CA]

KINDS are at the end of this file; keys: base, end (marker, exception), serial, version, sun_w, want_w, soc, load_w, and for meters
behind=UNIT+UNIT and exported_from (Wh). Prints {"port": N}, then answers each line of JSON on its input with one; it ends with its input:

  {"get": [unit, model, point]}  {"set": [unit, model, point, raw]}         a fourth and fifth: which of several equal models
  {"poke": [unit, address, words]}  {"drop": [unit, address, count]}        registers as they are; take them away
  {"protect": [unit, address]}                                              refuse writes of it
  {"mask": [unit, model, point, bool]}                                      show it to clients as not implemented
  {"after_read": [unit, address, poke address, words]}                      once, behind the next read of `address`
  {"env": [unit, name, value]}  {"tick": seconds}                           sun_w, want_w, soc, load_w; the manual clock
  {"become": "KIND@UNIT:..."}  {"writes": true}  {"dump": unit}  {"model": id}
"""

import argparse
import asyncio
import json
import logging
import pathlib
import ssl
import sys
import time

import sunspec2
from pymodbus.datastore import ModbusServerContext
from pymodbus.datastore.context import ModbusBaseSlaveContext
from pymodbus.framer import ModbusSocketFramer
from pymodbus.server import ModbusTcpServer, ModbusTlsServer
from sunspec_devices import Der, Meter, SolarEdge, Unit, controls_704, identity, model_points

logging.getLogger("pymodbus_internal").setLevel(logging.CRITICAL)
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class Wire(ModbusBaseSlaveContext):
    """What a client sees of a unit, at the time of the clock."""

    def __init__(self, unit, number, clock, log):
        self.unit, self.number, self.clock, self.log = unit, number, clock, log

    def validate(self, fc_as_hex, address, count=1):
        wanted = range(address, address + count)
        if fc_as_hex in (6, 16):
            single = count == 1 or not self.unit.single_writes
            return single and all(register in self.unit.writable and register in self.unit.words for register in wanted)
        return fc_as_hex == 3 and all(register in self.unit.words for register in wanted)

    def getValues(self, fc_as_hex, address, count=1):
        self.advance()
        words = [self.unit.masks.get(address + index, word) for index, word in enumerate(self.unit.read(address, count))]
        for order in [order for order in self.unit.after_read if address <= order[0] < address + count]:
            self.unit.after_read.remove(order)
            self.unit.poke(*order[1:])
        return words

    def setValues(self, fc_as_hex, address, values):
        self.advance()
        self.log.append([self.number, fc_as_hex, address, list(values)])
        self.unit.poke(address, values)
        self.unit.written(address, values)
        self.unit.step(0)

    def advance(self):
        for unit in self.unit.behind:
            unit.advance(self.clock())
        self.unit.advance(self.clock())


class Server:
    def __init__(self, arguments):
        self.manual_s, self.log, self.units = 0.0, [], {}
        self.clock = self.manual if arguments.clock == "manual" else lambda: (time.monotonic() - start) * arguments.speed
        start = time.monotonic()
        for text in arguments.device:
            self.become(text)
        for wire in self.units.values():
            wire.unit.behind = [self.units[number].unit for number in wire.unit.behind]

    def manual(self):
        return self.manual_s

    def become(self, text):
        head, _, tail = text.partition(":")
        kind, _, number = head.partition("@")
        options = dict(pair.split("=") for pair in tail.split(",") if pair)
        behind = [int(one) for one in options.pop("behind", "").split("+") if one]
        unit = KINDS[kind](**{key: number_or_text(value) for key, value in options.items()})
        unit.now, unit.behind = self.clock(), behind
        self.units[int(number or 1)] = Wire(unit, int(number or 1), self.clock, self.log)

    def answer(self, order):
        [(name, value)] = order.items()
        match name:
            case "get":
                self.units[value[0]].advance()
                return self.units[value[0]].unit.get(*value[1:])
            case "set":
                return self.units[value[0]].unit.set(*value[1:])
            case "poke":
                return self.units[value[0]].unit.poke(*value[1:])
            case "drop":
                return [self.units[value[0]].unit.words.pop(register) for register in range(value[1], value[1] + value[2])]
            case "mask":
                return self.units[value[0]].unit.mask(*value[1:])
            case "protect":
                return self.units[value[0]].unit.writable.discard(value[1])
            case "after_read":
                return self.units[value[0]].unit.after_read.append(tuple(value[1:]))
            case "env":
                setattr(self.units[value[0]].unit, value[1], value[2])
                return self.units[value[0]].unit.step(0)
            case "tick":
                self.manual_s += value
                for wire in self.units.values():
                    wire.advance()
                return self.manual_s
            case "become":
                return self.become(value)
            case "writes":
                log = list(self.log)
                self.log.clear()
                return log
            case "dump":
                return self.units[value].unit.dump()
            case "model":
                return model_points(value)
        raise ValueError(name)


def number_or_text(text):
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text


def peer_file(name):
    path = pathlib.Path(sunspec2.__path__[0]) / "tests" / "test_data" / name
    return [model for model in json.loads(path.read_text())["models"] if model["ID"] != 0xFFFF]


INVERTER_SCALES = {"A_SF": -2, "V_SF": -1, "W_SF": 0, "Hz_SF": -2, "WH_SF": 0, "VA_SF": 0, "Tmp_SF": -1, "DCW_SF": 0}
INVERTER = {**INVERTER_SCALES, "A": 1739, "AphA": 580, "AphB": 580, "AphC": 579, "PhVphA": 2301, "PhVphB": 2299, "PhVphC": 2300,
            "Hz": 5001, "St": 4, "TmpCab": 415, "Evt1": 0}
NAMEPLATE = {"ID": 120, "DERTyp": 4, "WRtg": 1000, "WRtg_SF": 1, "VARtg": 1000, "VARtg_SF": 1}
SETTINGS = {"ID": 121, "WMax": 1000, "WMax_SF": 1, "VRef": 230, "VRef_SF": 0, "VRefOfs": 0, "VRefOfs_SF": 0}
STATUS = {"ID": 122, "PVConn": 7, "StorConn": 0, "ECPConn": 1, "WAval_SF": 0}
LIMIT = {"ID": 123, "Conn": 1, "WMaxLimPct": 10000, "WMaxLimPct_RvrtTms": 0, "WMaxLimPct_WinTms": 0, "WMaxLimPct_RmpTms": 0,
         "WMaxLim_Ena": 0, "WMaxLimPct_SF": -2, "OutPFSet_Ena": 0, "VArPct_Ena": 0}
STORE = {"ID": 124, "WChaMax": 5000, "WChaMax_SF": 0, "StorCtl_Mod": 0, "MinRsvPct": 500, "MinRsvPct_SF": -2, "ChaState": 0,
         "ChaState_SF": -1, "OutWRte": 10000, "InWRte": 10000, "InOutWRte_WinTms": 0, "InOutWRte_RvrtTms": 0, "InOutWRte_RmpTms": 0,
         "ChaGriSet": 0, "InOutWRte_SF": -2}
BATTERY = {"ID": 802, "AHRtg": 200, "AHRtg_SF": 0, "WHRtg": 1000, "WHRtg_SF": 1, "WChaRteMax": 500, "WDisChaRteMax": 500,
           "WChaDisChaMax_SF": 1, "SoC": 0, "SoC_SF": -1, "SoCRsvMin": 100, "SocRsvMax": 1000, "SoH": 98, "SoH_SF": 0, "LocRemCtl": 0,
           "CtrlHb": 0, "Hb": 0, "State": 3, "SetOp": 1, "SetInvState": 3, "W_SF": 0, "V": 480, "V_SF": -1, "A": 0, "A_SF": 0, "AMax_SF": 0}
DER = [{"ID": 701, "ACType": 3, "St": 1, "InvSt": 3, "ConnSt": 1, "W": 0, "Hz": 50010, "TotWhInj": 0, "TotWhAbs": 0, "LNV": 2300, "A": 174,
        "WL1": 1300, "WL2": 1350, "WL3": 1350, "VL1": 2301, "TmpCab": 415, "W_SF": 0, "Hz_SF": -3, "V_SF": -1, "A_SF": -1, "TotWh_SF": 0,
        "Tmp_SF": -1, "VL2": 2299, "VL3": 2300},
       {"ID": 702, "WMaxRtg": 1000, "WMax": 1000, "WChaRteMaxRtg": 500, "WDisChaRteMaxRtg": 500, "W_SF": 1}]
REMOTE = {"ID": 715, "LocRemCtl": 0, "DERHb": 1, "ControllerHb": 0, "AlarmReset": 0, "OpCtl": 1}
METER = {"ID": 203, "W": 0, "W_SF": 0, "WphA": 200, "WphB": 200, "WphC": 100, "A": 25, "A_SF": -1, "PhV": 2300, "PhVphA": 2301,
         "PhVphB": 2299, "PhVphC": 2300, "V_SF": -1, "Hz": 5001, "Hz_SF": -2, "TotWhExp": 1, "TotWhImp": 1, "TotWh_SF": 0, "Evt": 0}
MODULES = {"ID": 160, "DCA_SF": -2, "DCV_SF": -1, "DCW_SF": 0, "DCWH_SF": 0, "N": 4,
           "module": [{"ID": n, "IDStr": text, "DCW": watts} for n, (text, watts) in
                      enumerate([("MPPT 1", 1500), ("MPPT 2", 900), ("StCha 3", 700), ("StDisCha 4", 0)], 1)]}


def names(model, options):
    return identity(model, **{key: str(options.pop(key)) for key in ("version", "serial", "maker") if key in options})


def sma(**options):
    unit = Der([names("SMA", options), {"ID": 103, **INVERTER}, NAMEPLATE, SETTINGS, {**LIMIT, "WMaxLim_Ena": 1}],
               **{"end": "exception", "single_writes": True, **options})
    start = unit.point(123, "ID")[1]
    for offset in [2, 3, 4, *range(10, 23), 24, 25]:
        del unit.words[start + offset]
    return unit


KINDS = {
    "inverter": lambda **o: Der([names("Inverter", o), {"ID": 103, **INVERTER}, NAMEPLATE, SETTINGS, STATUS, LIMIT], **o),
    "classic": lambda **o: Der([names("Classic", o), {"ID": 103, **INVERTER}, NAMEPLATE, SETTINGS, STATUS, LIMIT, STORE], **o),
    "still": lambda **o: Unit([names("Still", o), {"ID": 103, **INVERTER, "W": 1234, "WH": 5}, NAMEPLATE, LIMIT], **o),
    "storage": lambda **o: Der([names("Storage", o), {"ID": 103, **INVERTER}, NAMEPLATE, SETTINGS, STORE, BATTERY], **o),
    "meter": lambda **o: Meter([names("Meter", o), METER], **o),
    "der": lambda **o: Der([names("DER", o), *DER, controls_704(), REMOTE], **o),
    "der-storage": lambda **o: Der([names("DER store", o), *DER, controls_704(), {"ID": 713, "WHRtg": 1000, "WHAvail": 500, "SoC": 0,
        "SoH": 980, "Sta": 0, "WH_SF": 1, "Pct_SF": -1}, REMOTE, BATTERY], **o),
    "float-inverter": lambda **o: Der([names("Floats", o), {"ID": 113, "W": 0.0, "WH": 1234567.0, "PhVphA": 230.1, "Hz": 50.01, "St": 4}], **o),
    "float-meter": lambda **o: Meter([names("Float meter", o), {"ID": 213, "W": 0.0, "TotWhImp": 0.0, "TotWhExp": 0.0, "Evt": 0}], **o),
    "hybrid": lambda **o: Der([names("Hybrid", o), {"ID": 103, **INVERTER}, NAMEPLATE, SETTINGS, MODULES, LIMIT], **o),
    "solaredge": lambda **o: SolarEdge([names("SE", o), {"ID": 103, **INVERTER}, NAMEPLATE, identity("SE meter"), {**METER, "W": -321}], **o),
    "solaredge-two": lambda **o: SolarEdge([names("SE", o), {"ID": 103, **INVERTER}, NAMEPLATE, identity("SE meter"), {**METER, "W": -321},
                                            identity("SE meter", serial="2"), {**METER, "W": 55}], **o),
    "sma": sma,
    "ieee1547": lambda **o: Unit(peer_file("device_1547.json"), **o),
    "inverter-file": lambda **o: Unit(peer_file("inverter_123.json"), **o),
}


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", action="append", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--clock", choices=["real", "manual"], default="real")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--tls", nargs=3)
    arguments = parser.parse_args()
    server = Server(arguments)
    # `become` changes this dictionary, and with it what the wire serves.
    context = ModbusServerContext(slaves=server.units, single=False)
    context._slaves = server.units
    place = {"framer": ModbusSocketFramer, "address": ("127.0.0.1", arguments.port)}
    if arguments.tls:  # as Modbus/TCP Security has it: frames as on TCP, and certificates of both ends
        certificate, key, authority = arguments.tls
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        tls.load_verify_locations(authority)
        tls.verify_mode = ssl.CERT_REQUIRED
        tcp = ModbusTlsServer(context, sslctx=tls, **place)
    else:
        tcp = ModbusTcpServer(context, **place)
    await tcp.listen()
    print(json.dumps({"port": tcp.transport.sockets[0].getsockname()[1]}), flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        try:
            answer = {"ok": server.answer(json.loads(line))}
        except Exception as error:
            answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)


asyncio.run(main())
