"""pysunspec2 as a client: `sunspec-client.py PORT UNIT`. Each line of its input, [[model, point], ...], is answered by their values,
scaled, read anew from the device."""

import json
import sys

import sunspec2.modbus.client as client

device = client.SunSpecModbusClientDeviceTCP(slave_id=int(sys.argv[2]), ipaddr="127.0.0.1", ipport=int(sys.argv[1]), timeout=20)
device.scan(full_model_read=False)
device.connect()
for line in sys.stdin:
    values = []
    for model_id, name in json.loads(line):
        [model] = device.models[model_id]
        model.read()
        values.append(model.points[name].cvalue)
    print(json.dumps(values), flush=True)
device.close()
