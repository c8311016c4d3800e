#!/usr/bin/env python3
"""Places an order over the plain socket, sees it stand, takes it back: docs/PROTOCOL.md in a hundred lines.

Needs Python 3.9 and `pip install websockets`.

    python3 place_order.py ws://127.0.0.1:8080/api/v1/ws --token TOKEN --party home-3

Prints one line of JSON for each thing that it learns; ends with 0 where the order was placed once and taken back.
"""
import argparse
import asyncio
import json
import secrets
import sys
from datetime import datetime, timezone

import websockets


class Refused(Exception):
    """The server's own error: code, class, retryable, message."""


class Session:
    """One socket: each request has an id, and its answer carries it."""

    def __init__(self, socket):
        self.socket = socket
        self.waiting = {}
        self.updates = asyncio.Queue()
        self.hello = asyncio.get_running_loop().create_future()
        self.snapshots = {}
        self.number = 0
        self.reading = asyncio.ensure_future(self.read())

    async def read(self):
        async for text in self.socket:
            if isinstance(text, bytes):
                continue  # the answer to a binary batch: none was sent
            frame = json.loads(text)
            kind, data = frame["type"], frame["data"]
            if kind == "hello":
                self.hello.set_result(data)
            elif kind == "test":
                await self.say("test.answer", data)
            elif kind == "snapshot":
                self.snapshot(frame["ch"]).set_result(data)
            elif kind == "order.update":
                await self.updates.put(data)
            elif frame.get("id") in self.waiting:
                future = self.waiting.pop(frame["id"])
                if kind == "error":
                    future.set_exception(Refused(f"{data['code']}: {data['message']}"))
                else:
                    future.set_result(data)
            # everything else is newer than this program, or not its business

    def snapshot(self, channel):
        return self.snapshots.setdefault(channel, asyncio.get_running_loop().create_future())

    async def say(self, kind, data):
        self.number += 1
        request = f"p{self.number}"
        await self.socket.send(json.dumps({"type": kind, "id": request, "data": data}))
        return request

    async def ask(self, kind, data):
        """The data of the answer. No answer in time means that nothing is known: send the same once more."""
        self.number += 1
        request, future = f"p{self.number}", asyncio.get_running_loop().create_future()
        self.waiting[request] = future
        await self.socket.send(json.dumps({"type": kind, "id": request, "data": data}))
        return await asyncio.wait_for(future, 30)


def tell(**what):
    print(json.dumps(what), flush=True)


def instant(milliseconds):
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def tender(name, slot_ms, length_ms, price_micro, quantity_wh):
    """A limit order to buy. Prices are millionths of the currency per kWh, quantities Wh: whole numbers, never floats."""
    interval = {"dtStart": instant(slot_ms), "duration": f"PT{length_ms // 1000}S"}
    detail = {"interval": interval, "price": price_micro, "quantity": quantity_wh}
    scales = {"priceScale": -6, "quantityScale": -3}
    return {"tenderId": name, "side": "BUY", "resourceDesignator": "ENERGY", **scales, "tenderDetail": detail}


async def trade(session, party, token):
    hello = await asyncio.wait_for(session.hello, 30)
    tell(market=hello["market"], protocol=hello["protocol"])
    who = await session.ask("auth", {"method": "bearer", "token": token})
    tell(principal=who["principal"])

    await session.ask("subscribe", {"ch": "market"})
    market = await asyncio.wait_for(session.snapshot("market"), 30)
    rules, slot_ms = market["rules"], market["next_gate"]["slot_ms"]
    length_ms = rules["slot_length_ms"]
    await session.ask("subscribe", {"ch": f"orders/{party}"})

    # an id of one's own: who is cut off asks again with the same one, and the order is placed once
    name = f"py-{secrets.token_hex(8)}"
    order = tender(name, slot_ms + length_ms, length_ms, rules["tick_micro_per_kwh"], 100)
    request = {"requestId": f"r-{name}", "partyId": party, "tender": [order]}
    first = await session.ask("EiCreateTender", request)
    again = await session.ask("EiCreateTender", request)
    tell(placed=name, code=first["response"]["responseCode"], duplicate=[first["duplicate"], again["duplicate"]])

    stands = await asyncio.wait_for(session.updates.get(), 30)
    tell(order=stands["client_order_id"], state=stands["state"])
    cancel = {"requestId": f"c-{name}", "partyId": party, "tenderId": [name]}
    taken = await session.ask("EiCancelTender", cancel)
    ended = await asyncio.wait_for(session.updates.get(), 30)
    tell(order=ended["client_order_id"], state=ended["state"])
    outcome = (first["response"]["responseCode"], again["duplicate"], taken["eiCanceledResponse"][0]["success"])
    return 0 if outcome == (200, True, True) and ended["state"] == "cancelled" else 1


async def main():
    parser = argparse.ArgumentParser(description="Places an order and takes it back.")
    parser.add_argument("url")
    parser.add_argument("--token", default="none")
    parser.add_argument("--party", required=True)
    options = parser.parse_args()
    async with websockets.connect(options.url, subprotocols=["micromarket.v1"]) as socket:
        session = Session(socket)
        try:
            return await trade(session, options.party, options.token)
        finally:
            session.reading.cancel()


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main()))
    except Refused as refusal:
        print(f"error: {refusal}", file=sys.stderr)
        sys.exit(1)
