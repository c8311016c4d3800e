"""SunSpec's own client against one unit: scans it, writes points, waits, and says what it saw. One JSON line in, one out."""

import json
import sys
import time

import sunspec2.modbus.client as client
from sunspec2.modbus.modbus import ModbusClientException

PATIENCE_S = 30


def device(host, port, unit):
    found = client.SunSpecModbusClientDeviceTCP(slave_id=unit, ipaddr=host, ipport=port, timeout=20)
    found.scan()
    return found


def value(of, path):
    model, point = path.split(".")
    group = of.models[int(model)][0]
    group.read()
    return group.points[point].cvalue


def wait(of, path, wanted):
    until = time.monotonic() + PATIENCE_S
    while True:
        seen = value(of, path)
        if seen == wanted or time.monotonic() > until:
            return seen
        time.sleep(0.05)


def write(of, model, points):
    group = of.models[model][0]
    for name, number in points.items():
        group.points[name].cvalue = number
    group.write()


def carry_out(of, step):
    if "read" in step:
        return value(of, step["read"])
    if "wait" in step:
        return wait(of, step["wait"], step["for"])
    if "refused" in step:
        try:
            write(of, step["refused"], step["points"])
        except ModbusClientException as error:
            return str(error)
        return None
    return write(of, step["write"], step["points"])


def main():
    for line in sys.stdin:
        order = json.loads(line)
        of = device(order["host"], order["port"], order["unit"])
        models = [model.model_id for model in of.model_list]
        print(json.dumps({"models": models, "seen": [carry_out(of, step) for step in order["steps"]]}), flush=True)
        of.close()


main()
