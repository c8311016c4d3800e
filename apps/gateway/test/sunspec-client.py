"""pysunspec2 as somebody else's client: `sunspec-client.py PORT`, then a line of JSON each:

  {"read": [unit, [model, point], ...]}             the values, scaled, read anew from the device
  {"write": [unit, model, [[point, value], ...]]}   written as one
"""

import json
import sys

import sunspec2.modbus.client as client

units = {}


def opened(unit):
    if unit not in units:
        units[unit] = client.SunSpecModbusClientDeviceTCP(slave_id=unit, ipaddr="127.0.0.1", ipport=int(sys.argv[1]), timeout=20)
        units[unit].scan(full_model_read=False)
        units[unit].connect()
    return units[unit]


def answer(order):
    if "read" in order:
        unit, *points = order["read"]
        values = []
        for model_id, name in points:
            [model] = opened(unit).models[model_id]
            model.read()
            values.append(model.points[name].cvalue)
        return values
    unit, model_id, points = order["write"]
    [model] = opened(unit).models[model_id]
    model.read()
    for name, value in points:
        model.points[name].cvalue = value
    model.write()
    return None


for line in sys.stdin:
    print(json.dumps({"ok": answer(json.loads(line))}), flush=True)
for device in units.values():
    device.close()
