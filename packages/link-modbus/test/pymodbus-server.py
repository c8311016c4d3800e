"""A device by pymodbus: input and holding registers at the addresses given, every other register absent.

Reads one line of JSON from its input, prints the port, and serves until its input ends:
{"framing": ..., "input": {address: word}, "holding": {address: word}, "points": [{"area", "address", "type", "value", "order"}]}.
Points are encoded by pymodbus's own payload builder; "order" is "big" or "little", of registers.
"""

import asyncio
import json
import logging
import sys

from pymodbus.constants import Endian
from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.framer import ModbusRtuFramer, ModbusSocketFramer
from pymodbus.payload import BinaryPayloadBuilder
from pymodbus.server import ModbusTcpServer

FRAMERS = {"tcp": ModbusSocketFramer, "rtu-over-tcp": ModbusRtuFramer}
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


def block(order, area):
    words = {int(address): word for address, word in order[area].items()}
    return ModbusSparseDataBlock({**words, **encode(order["points"], area)})


async def serve(order):
    unit = ModbusSlaveContext(ir=block(order, "input"), hr=block(order, "holding"), zero_mode=True)
    context = ModbusServerContext(slaves={order["unit"]: unit}, single=False)
    server = ModbusTcpServer(context, framer=FRAMERS[order["framing"]], address=("127.0.0.1", 0))
    await server.listen()
    print(server.transport.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(serve(json.loads(sys.stdin.readline())))
