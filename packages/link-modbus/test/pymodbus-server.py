"""A device by pymodbus: input and holding registers at the addresses given, every other register absent.

Reads one line of JSON from its input, prints the port, and serves until its input ends:
{"framing": ..., "input": {address: word}, "holding": {address: word}, "points": [{"area", "address", "type", "value", "order"}]}.
Points are encoded by pymodbus's own payload builder; "order" is "big" or "little", of registers. "timer": {"address", "seconds",
"words"} is a register that gets these words when it has not been written for so long; with "read_feeds" a read of any register
counts as well, and with "real" the time is the machine's. "units": [{"unit", "input", "holding", "points"}] are more units behind the
same port. With "serial": PATH it is served there (19200 8N1, "framing" is "rtu"), and what is printed is 0.

Each further line is answered with a line: {"points": [...]} changes values, {"writes": true} gives and forgets what clients wrote as
[function, address, words], {"get": [address, count]} gives words to hold, {"tick": seconds} lets the timer's time go by.
"""

import asyncio
import json
import logging
import sys
import time

from pymodbus.constants import Endian
from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.framer import ModbusRtuFramer, ModbusSocketFramer
from pymodbus.payload import BinaryPayloadBuilder
from pymodbus.server import ModbusSerialServer, ModbusTcpServer

FRAMERS = {"tcp": ModbusSocketFramer, "rtu-over-tcp": ModbusRtuFramer, "rtu": ModbusRtuFramer}
ADD = {
    "int16": "add_16bit_int",
    "uint16": "add_16bit_uint",
    "int32": "add_32bit_int",
    "uint32": "add_32bit_uint",
    "int64": "add_64bit_int",
    "uint64": "add_64bit_uint",
    "float32": "add_32bit_float",
    "float64": "add_64bit_float",
    "text": "add_string",
}

logging.getLogger("pymodbus_internal").setLevel(logging.CRITICAL)
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


def encode(points, area):
    words = {}
    for point in points:
        if point["area"] != area:
            continue
        order = Endian.BIG if point["order"] == "big" else Endian.LITTLE
        builder = BinaryPayloadBuilder(byteorder=Endian.BIG, wordorder=order)
        getattr(builder, ADD[point["type"]])(point["value"])
        for index, word in enumerate(builder.to_registers()):
            words[point["address"] + index] = word
    return words


class Unit(ModbusSlaveContext):
    """Registers, what clients wrote to them, and a timer."""

    def __init__(self, order):
        super().__init__(ir=block(order, "input"), hr=block(order, "holding"), zero_mode=True)
        self.log, self.timer, self.left_s, self.seen_s = [], order.get("timer"), None, time.monotonic()

    def getValues(self, fc_as_hex, address, count=1):
        self.pass_by()
        values = super().getValues(fc_as_hex, address, count)
        if self.timer and self.timer.get("read_feeds") and self.left_s is not None:
            self.left_s = self.timer["seconds"]
        return values

    def pass_by(self):
        passed, self.seen_s = time.monotonic() - self.seen_s, time.monotonic()
        if self.timer and self.timer.get("real"):
            self.tick(passed)

    def tick(self, seconds):
        if self.left_s is None:
            return
        self.left_s -= seconds
        if self.left_s <= 0:
            self.left_s = None
            self.store["h"].setValues(self.timer["address"], self.timer["words"])

    def setValues(self, fc_as_hex, address, values):
        self.pass_by()
        super().setValues(fc_as_hex, address, values)
        self.log.append([fc_as_hex, address, list(values)])
        if self.timer and address == self.timer["address"]:
            self.left_s = self.timer["seconds"]

    def answer(self, order):
        for area, store in (("input", "i"), ("holding", "h")):
            for address, word in encode(order.get("points", []), area).items():
                self.store[store].setValues(address, [word])
        self.pass_by()
        if "get" in order:
            return self.store["h"].getValues(*order["get"])
        if "writes" in order:
            log, self.log = self.log, []
            return log
        if "tick" in order:
            self.tick(order["tick"])
        return None


def block(order, area):
    words = {int(address): word for address, word in order[area].items()}
    return ModbusSparseDataBlock({**words, **encode(order["points"], area)})


async def serve(order):
    unit = Unit(order)
    others = {more["unit"]: Unit({"input": {}, "holding": {}, "points": [], **more}) for more in order.get("units", [])}
    context = ModbusServerContext(slaves={order["unit"]: unit, **others}, single=False)
    framer = FRAMERS[order["framing"]]
    if "serial" in order:
        server = ModbusSerialServer(context, framer=framer, port=order["serial"], baudrate=19200, ignore_missing_slaves=True)
        await server.listen()
        print(0, flush=True)
    else:
        server = ModbusTcpServer(context, framer=framer, address=("127.0.0.1", 0))
        await server.listen()
        print(server.transport.sockets[0].getsockname()[1], flush=True)
    while line := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        print(json.dumps(unit.answer(json.loads(line))), flush=True)


asyncio.run(serve(json.loads(sys.stdin.readline())))
