"""Connects PyMarket's Huang auction to the file contract: the book on standard input, the result on standard output.

Tried with pymarket 0.7.6, pandas 2.2, numpy 1.26. Run it by
`micromarket conformance --mechanism huang --engine "python3 pymarket_engine.py"`.
"""
import json
import sys
import warnings
from decimal import Decimal

import pymarket

warnings.simplefilter("ignore")
book = json.load(sys.stdin, parse_float=Decimal)
if book.get("mechanism") != "huang":
    sys.exit("MECHANISM_UNKNOWN: this adapter knows huang only")

market = pymarket.Market()
for number, order in enumerate(book["orders"]):
    market.accept_bid(float(order["quantity"]), float(order["price"]), number, order["side"] == "buy", 0)
transactions, extra = market.run("huang")

# PyMarket computes in binary floating point: twelve digits of it are meant.
fills = [
    {"id": book["orders"][int(row.bid)]["id"], "quantity": round(row.quantity, 12)}
    for row in transactions.get_df().itertuples()
]
print(json.dumps({
    "mechanism": "huang",
    "buyerPrice": extra.get("price_buy"),
    "sellerPrice": extra.get("price_sell"),
    "quantity": round(float(extra.get("quantity_traded", 0)), 12),
    "fills": fills,
}))
