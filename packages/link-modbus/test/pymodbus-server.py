"""A device by pymodbus: input and holding registers at the addresses given, every other register absent.

Reads one line of JSON ({"framing": ..., "input": {address: word}, "holding": {address: word}}) from its input, prints the port, and serves
until its input ends.
"""

import asyncio
import json
import logging
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.framer import ModbusRtuFramer, ModbusSocketFramer
from pymodbus.server import ModbusTcpServer

FRAMERS = {"tcp": ModbusSocketFramer, "rtu-over-tcp": ModbusRtuFramer}


logging.getLogger("pymodbus_internal").setLevel(logging.CRITICAL)
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


def block(words):
    return ModbusSparseDataBlock({int(address): word for address, word in words.items()})


async def serve(order):
    unit = ModbusSlaveContext(ir=block(order["input"]), hr=block(order["holding"]), zero_mode=True)
    context = ModbusServerContext(slaves={1: unit}, single=False)
    server = ModbusTcpServer(context, framer=FRAMERS[order["framing"]], address=("127.0.0.1", 0))
    await server.listen()
    print(server.transport.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(serve(json.loads(sys.stdin.readline())))
