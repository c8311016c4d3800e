"""SunSpec devices that behave: registers encoded by pysunspec2 from its own model files, and what a limit or a set-point does.

Register words are the only state that a reader sees; `step` moves them on. Powers in `draw_w` count into the device.
"""

import math
import struct

from sunspec2.device import Model, get_model_def

SUNS = [0x5375, 0x6E53]
END = [0xFFFF, 0]


def words_of(data):
    return list(struct.unpack(f">{len(data) // 2}H", data))


def bytes_of(words):
    return struct.pack(f">{len(words)}H", *words)


def low_first(layout, value):
    return words_of(struct.pack(layout, value))[::-1]


def from_low_first(layout, words):
    return struct.unpack(layout, bytes_of(words[::-1]))[0]


class Unit:
    """One unit: models one behind the other from `base`, and registers outside of SunSpec."""

    def __init__(self, models, base=40000, end="marker", single_writes=False):
        self.words = dict(enumerate(SUNS, base))
        self.models = []
        self.writable = set()
        self.single_writes = single_writes
        self.now = 0.0
        self.timers = {}
        self.after_read = []
        self.masks = {}
        self.behind = []
        address = base + 2
        for content in models:
            address = self.add(content, address)
        self.end = address
        if end == "marker":
            self.poke(address, END)

    def add(self, content, address):
        model = Model(content["ID"], data={k: v for k, v in content.items() if k != "L"})
        if model.error_info:
            raise SystemExit(f"model {content['ID']}: {model.error_info}")
        words = words_of(model.get_mb())
        words[0], words[1] = content["ID"], len(words) - 2
        self.poke(address, words)
        self.models.append((model, address))
        for point in points_of(model):
            if point.pdef["type"] == "float32" and point.value is None:  # pysunspec2 encodes the number 2143289344.0
                self.poke(address + point.offset, [0x7FC0, 0])
            if point.pdef.get("access") == "RW":
                self.writable.update(range(address + point.offset, address + point.offset + point.len))
        return address + len(words)

    def poke(self, address, words):
        self.words.update(enumerate(words, address))

    def read(self, address, count):
        return [self.words[register] for register in range(address, address + count)]

    def has(self, model_id):
        return any(model.model_id == model_id for model, _ in self.models)

    def point(self, model_id, name, nth=0):
        model, address = [entry for entry in self.models if entry[0].model_id == model_id][nth]
        group = model
        *path, last = name.split(".")
        for part in path:
            group_name, _, index = part.partition("[")
            group = group.groups[group_name]
            if index:
                group = group[int(index.rstrip("]")) - 1]
        return group.points[last], address

    def set(self, model_id, name, value, nth=0):
        point, address = self.point(model_id, name, nth)
        point.set_value(value)
        self.poke(address + point.offset, words_of(point.get_mb()))

    def mask(self, model_id, name, is_on):
        point, address = self.point(model_id, name)
        point.set_value(None)
        for register, word in enumerate(words_of(point.get_mb()), address + point.offset):
            self.masks.pop(register, None)
            if is_on:
                self.masks[register] = word

    def get(self, model_id, name, nth=0):
        point, address = self.point(model_id, name, nth)
        point.set_mb(bytes_of(self.read(address + point.offset, point.len)))
        return point.value

    def dump(self):
        """What pysunspec2 decodes of each model: [id, address, [[offset, name, type, size, raw value, exponent]]]."""
        dumped = []
        for model, address in self.models:
            count = min(self.words[address + 1] + 2, model.len)
            model.set_mb(bytes_of(self.read(address, count)))
            rows = []
            for point in points_of(model):
                exponent = point.pdef.get("sf")
                if isinstance(exponent, str):
                    exponent = (point.group.points.get(exponent) or model.points[exponent]).value
                rows.append([point.offset, point.pdef["name"], point.pdef["type"], point.len, point.value, exponent, "sf" in point.pdef])
            dumped.append([model.model_id, address, rows])
        return dumped

    # what happens as time goes by

    def advance(self, now):
        seconds, self.now = now - self.now, now
        for name, (deadline, ended) in list(self.timers.items()):
            if now >= deadline:
                del self.timers[name]
                ended()
        self.step(seconds)

    def start(self, name, seconds, ended):
        self.timers.pop(name, None)
        if seconds:
            self.timers[name] = (self.now + seconds, ended)

    def left(self, name):
        return math.ceil(self.timers[name][0] - self.now) if name in self.timers else 0

    def written(self, address, words):
        """Registers have been written by a client."""

    def step(self, seconds):
        """`seconds` have passed since the step before; may be 0."""


def points_of(group):
    yield from group.points.values()
    for inside in group.groups.values():
        for one in inside if isinstance(inside, list) else [inside]:
            yield from points_of(one)


def identity(model="Device", version="1.0.0", serial="1", maker="Peer"):
    return {"ID": 1, "Mn": maker, "Md": model, "Opt": "", "Vr": version, "SN": serial, "DA": 1, "Pad": None}


def controls_704(w_max_sf=-1):
    flags = ["PFWInjEna", "PFWAbsEna", "WMaxLimPctEna", "WMaxLimPctEnaRvrt", "WSetEna", "WSetEnaRvrt", "VarSetEna"]
    return {"ID": 704, **{name: 0 for name in flags}, "WMaxLimPct": 1000, "WMaxLimPctRvrt": 1000, "WMaxLimPctRvrtTms": 0,
            "WMaxLimPctRvrtRem": 0, "WSetMod": 1, "WSet": 0, "WSetRvrt": 0, "WSetRvrtTms": 0, "WSetRvrtRem": 0,
            "WMaxLimPct_SF": w_max_sf, "WSet_SF": 0}


class Der(Unit):
    """A generator or store of either kind: obeys 123 or 704, 124 where it has one, and shows its power in 10x, 701 and 802."""

    rating_w = 10_000
    charge_w = 5_000
    capacity_wh = 10_000

    def __init__(self, models, sun_w=4_000.0, want_w=0.0, soc=50.0, **options):
        super().__init__(models, **options)
        self.sun_w, self.want_w, self.soc = sun_w, want_w, soc
        self.given_wh = self.taken_wh = 0.0
        self.draw_w = 0.0
        self.step(0)

    @property
    def stores(self):
        return self.has(124) or self.has(802) or self.has(713)

    def written(self, address, words):
        touched = range(address, address + len(words))

        def is_in(model, low, high):
            if not self.has(model):
                return False
            start = self.point(model, "ID")[1]
            return touched.start <= start + high and touched.stop > start + low

        if is_in(123, 5, 9):
            active = self.get(123, "WMaxLim_Ena") == 1
            seconds = self.get(123, "WMaxLimPct_RvrtTms") if active else 0
            self.start("123", seconds, lambda: self.set(123, "WMaxLim_Ena", 0))
        if is_in(124, 5, 17):
            self.start("124", self.get(124, "InOutWRte_RvrtTms"), lambda: self.set(124, "StorCtl_Mod", 0))
        if is_in(704, 14, 19):
            self.arm_704("WMaxLimPct", ["WMaxLimPct"])
        if is_in(704, 22, 32):
            self.arm_704("WSet", ["WSet"])

    def arm_704(self, name, values):
        def ended():
            self.set(704, f"{name}Ena", self.get(704, f"{name}EnaRvrt"))
            for value in values:
                self.set(704, value, self.get(704, f"{value}Rvrt"))

        active = self.get(704, f"{name}Ena") == 1
        self.start(name, self.get(704, f"{name}RvrtTms") if active else 0, ended)

    def limit_w(self):
        limits = [self.rating_w]
        if self.has(123) and self.get(123, "WMaxLim_Ena") == 1:
            limits.append(self.rating_w * self.get(123, "WMaxLimPct") * 10 ** self.get(123, "WMaxLimPct_SF") / 100)
        if self.has(704) and self.get(704, "WMaxLimPctEna") == 1:
            limits.append(self.rating_w * self.get(704, "WMaxLimPct") * 10 ** self.get(704, "WMaxLimPct_SF") / 100)
        return min(limits)

    def store_w(self):
        """What the store takes; its discharge counts against the limit of generation."""
        give, take, want = self.charge_w, self.charge_w, self.want_w
        if self.has(124):
            mode, factor = self.get(124, "StorCtl_Mod"), 10 ** self.get(124, "InOutWRte_SF") * self.charge_w / 100
            take = self.get(124, "InWRte") * factor if mode & 1 else take
            give = self.get(124, "OutWRte") * factor if mode & 2 else give
        if self.has(704) and self.get(704, "WSetEna") == 1:
            want = -self.get(704, "WSet")
        power = max(-min(give, self.limit_w()), min(take, want))
        reserve = (self.get(802, "SoCRsvMin") or 0) * 10 ** self.get(802, "SoC_SF") if self.has(802) else 0
        if (power > 0 and self.soc >= 100) or (power < 0 and self.soc <= reserve):
            return 0
        return power

    def step(self, seconds):
        moved_wh = self.draw_w * seconds / 3600
        self.taken_wh += max(0, moved_wh)
        self.given_wh += max(0, -moved_wh)
        if self.stores:
            self.soc = min(100, max(0, self.soc + 100 * moved_wh / self.capacity_wh))
            self.draw_w = self.store_w()
        else:
            wanted = self.get(704, "WSet") if self.has(704) and self.get(704, "WSetEna") == 1 else self.rating_w
            self.draw_w = -min(self.sun_w, self.limit_w(), wanted)
        self.show()

    def show(self):
        given = round(-self.draw_w)
        throttled = not self.stores and given < round(self.sun_w)
        for model in (101, 102, 103):
            if self.has(model):
                self.set(model, "W", given)
                self.set(model, "WH", int(self.given_wh) + 1000)
                self.set(model, "St", 5 if throttled else 4)
        for model in (111, 112, 113):
            if self.has(model):
                self.set(model, "W", float(given))
        if self.has(122):
            self.set(122, "WAval", round(self.sun_w))
        if self.has(701):
            self.set(701, "W", given)
            self.set(701, "TotWhInj", int(self.given_wh) + 1000)
            self.set(701, "TotWhAbs", int(self.taken_wh))
            self.set(701, "InvSt", 4 if throttled else 3)
        if self.has(704):
            self.set(704, "WMaxLimPctRvrtRem", self.left("WMaxLimPct"))
            self.set(704, "WSetRvrtRem", self.left("WSet"))
        if self.has(713):
            self.set(713, "SoC", round(self.soc * 10))
        if self.has(802):
            self.set(802, "SoC", round(self.soc * 10))
            self.set(802, "W", round(self.draw_w))
        if self.has(124):
            self.set(124, "ChaState", round(self.soc * 10))
            self.set(124, "ChaSt", 4 if self.draw_w > 0 else 3 if self.draw_w < 0 else 6)


class Meter(Unit):
    """Counts `load_w` and what the units behind it draw; import is positive."""

    def __init__(self, models, load_w=500.0, exported_from=7000, **options):
        super().__init__(models, **options)
        self.load_w, self.draw_w, self.exported_from = load_w, load_w, exported_from
        self.imported_wh = self.exported_wh = 0.0
        self.step(0)

    def step(self, seconds):
        moved_wh = self.draw_w * seconds / 3600
        self.imported_wh += max(0, moved_wh)
        self.exported_wh += max(0, -moved_wh)
        self.draw_w = self.load_w + sum(unit.draw_w for unit in self.behind)
        model, number = (203, round) if self.has(203) else (213, float)
        self.set(model, "W", number(self.draw_w))
        self.set(model, "TotWhImp", number(int(self.imported_wh) + 5000))
        self.set(model, "TotWhExp", number(int(self.exported_wh) + self.exported_from))


class SolarEdge(Der):
    """Listens to its own registers: enable 0xF300, timeout 0xF310, fallback 0xF312 and limit 0xF322, low words first."""

    ENABLE, TIMEOUT, FALLBACK, LIMIT = 0xF300, 0xF310, 0xF312, 0xF322

    def __init__(self, models, **options):
        super().__init__(models, **options)
        self.poke(self.ENABLE, [0])
        self.poke(self.TIMEOUT, low_first(">L", 60))
        self.poke(self.FALLBACK, low_first(">f", 100.0))
        self.poke(self.LIMIT, low_first(">f", 100.0))
        for address, count in ((self.ENABLE, 1), (self.TIMEOUT, 4), (self.LIMIT, 2)):
            self.writable.update(range(address, address + count))

    def written(self, address, words):
        if address <= self.LIMIT < address + len(words):
            self.start("edpc", from_low_first(">L", self.read(self.TIMEOUT, 2)), lambda: None)

    def limit_w(self):
        if self.words.get(self.ENABLE) != 1:
            return self.rating_w
        percent = from_low_first(">f", self.read(self.LIMIT if "edpc" in self.timers else self.FALLBACK, 2))
        return self.rating_w * percent / 100


def model_points(model_id):
    """What pysunspec2's own file says of a model: [name, type, size, sf, units, access] in order, groups included."""

    def rows(group, prefix=""):
        for point in group["points"]:
            yield [prefix + point["name"], point["type"], point["size"], point.get("sf"), point.get("units"), point.get("access", "R")]
        for inside in group.get("groups", []):
            count = inside.get("count", 1)
            yield from rows(inside, f"{prefix}{inside['name']}{'' if count == 1 else '[]'}.")

    return list(rows(get_model_def(model_id)["group"]))
