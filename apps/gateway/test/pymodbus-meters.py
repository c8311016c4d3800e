"""SDM630 meters by pymodbus whose counters move.

Reads one line of JSON ({unit: [imported Wh per second, exported Wh per second]}), prints the port, and serves until its
input ends. Both counters start at 1000 kWh.
"""

import asyncio
import json
import logging
import struct
import sys
import time

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server import ModbusTcpServer

START_WH = 1_000_000
POWER, VOLTAGE, FREQUENCY, IMPORTED, EXPORTED = 0x34, 0x00, 0x46, 0x48, 0x4A

logging.getLogger("pymodbus_internal").setLevel(logging.CRITICAL)
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class Meter(ModbusSparseDataBlock):
    """Registers as they are at the moment of the question."""

    def __init__(self, imports, exports):
        self.imports, self.exports = imports, exports
        self.started = time.monotonic()
        super().__init__(self.words())

    def words(self):
        gone = time.monotonic() - self.started
        values = {
            VOLTAGE: 230.0,
            POWER: 3.6 * (self.imports - self.exports),
            FREQUENCY: 50.0,
            IMPORTED: (START_WH + self.imports * gone) / 1000,
            EXPORTED: (START_WH + self.exports * gone) / 1000,
        }
        return {
            address + offset: word
            for address, value in values.items()
            for offset, word in enumerate(struct.unpack(">HH", struct.pack(">f", value)))
        }

    def getValues(self, address, count=1):
        words = self.words()
        return [words[address + offset] for offset in range(count)]


async def serve(meters):
    units = {
        int(unit): ModbusSlaveContext(ir=Meter(*rates), zero_mode=True) for unit, rates in meters.items()
    }
    server = ModbusTcpServer(ModbusServerContext(slaves=units, single=False), address=("127.0.0.1", 0))
    await server.listen()
    print(server.transport.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(serve(json.loads(sys.stdin.readline())))
