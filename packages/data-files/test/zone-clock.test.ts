import { describe, expect, test } from "@jest/globals";
import { stampReader, type StampReader } from "../src/stamp-text.ts";
import { instantsOfWall, wallAt, zoneClock, type ZoneClock } from "../src/zone-clock.ts";

const clockOf = (zone: string): ZoneClock => {
  const clock = zoneClock(zone);
  if (clock === null) throw new Error(`no clock ${zone}`);
  return clock;
};
const BERLIN = clockOf("Europe/Berlin");
const utc = (text: string): number => Date.parse(`${text}Z`);

describe("a clock", () => {
  test.each(["Z", "UTC", "+02:00", "-0800", "+05:45", "Europe/Berlin", "Australia/Lord_Howe"])(
    "%s is known",
    (zone) => {
      expect(zoneClock(zone)).not.toBeNull();
    },
  );

  test.each(["", "Berlin", "EST", "local", "Europe/Atlantis", "+25:00", "+2", "2 hours"])("%s is not", (zone) => {
    expect(zoneClock(zone)).toBeNull();
  });

  test("is the inverse of itself, apart from the hours that occur twice or never", () => {
    for (let instant = utc("2026-01-01T00:00"); instant < utc("2027-01-01T00:00"); instant += 1_800_000) {
      const instants = instantsOfWall(BERLIN, wallAt(BERLIN, instant));
      expect(instants).toContain(instant);
      const isAmbiguous = instant >= utc("2026-10-25T00:00") && instant < utc("2026-10-25T02:00");
      expect(instants).toHaveLength(isAmbiguous ? 2 : 1);
    }
    expect(instantsOfWall(BERLIN, utc("2026-03-29T02:30"))).toEqual([]);
    expect(instantsOfWall(BERLIN, utc("2026-10-25T02:30"))).toEqual([utc("2026-10-25T00:30"), utc("2026-10-25T01:30")]);
  });

  test("of Lord Howe Island is put back by half an hour", () => {
    expect(instantsOfWall(clockOf("Australia/Lord_Howe"), utc("2026-04-05T01:45"))).toHaveLength(2);
    expect(instantsOfWall(clockOf("Australia/Lord_Howe"), utc("2026-04-05T01:15"))).toHaveLength(1);
  });
});

describe("stamps", () => {
  const read = (reader: StampReader, text: string, previous: number | null = null): string => {
    const stamp = reader(text, previous);
    return stamp.ok ? new Date(stamp.value).toISOString().replace(".000Z", "Z") : stamp.error;
  };
  const iso = stampReader("iso", BERLIN);

  test.each([
    ["2026-07-01T12:00", "2026-07-01T10:00:00Z"],
    ["2026-07-01 12:00:30", "2026-07-01T10:00:30Z"],
    ["2026-07-01", "2026-06-30T22:00:00Z"],
    ["2026-07-01T12:00Z", "2026-07-01T12:00:00Z"],
    ["2026-07-01 12:00:00+00:00", "2026-07-01T12:00:00Z"],
    ["2026-07-01T12:00-0530", "2026-07-01T17:30:00Z"],
    ["2026-07-01T12:00:00.500000", "2026-07-01T10:00:00.500Z"],
    ["2026-06-30 24:00", "2026-06-30T22:00:00Z"],
    ["2026-06-30 24:01", "STAMP_MALFORMED"],
    ["2026-02-29T12:00", "STAMP_MALFORMED"],
    ["2024-02-29T12:00", "2024-02-29T11:00:00Z"],
    ["2026-07-01T12:60", "STAMP_MALFORMED"],
    ["2026-07-01T12:00:00.0001", "STAMP_MALFORMED"],
    ["01.07.2026", "STAMP_MALFORMED"],
    ["", "STAMP_MALFORMED"],
    ["2026-03-29T02:30", "STAMP_NOT_IN_ZONE"],
  ])("%s in ISO is %s", (text, instant) => {
    expect(read(iso, text)).toBe(instant);
  });

  test("of the hour that occurs twice follow the row before", () => {
    expect(read(iso, "2026-10-25T02:00", utc("2026-10-24T23:45"))).toBe("2026-10-25T00:00:00Z");
    expect(read(iso, "2026-10-25T02:00", utc("2026-10-25T00:45"))).toBe("2026-10-25T01:00:00Z");
    expect(read(iso, "2026-10-25T02:45", utc("2026-10-25T01:30"))).toBe("2026-10-25T01:45:00Z");
  });

  test("count seconds and milliseconds, with a float's tail", () => {
    expect(read(stampReader("unix", BERLIN), "1613343600.0")).toBe("2021-02-14T23:00:00Z");
    expect(read(stampReader("unix-ms", BERLIN), "1613343600000")).toBe("2021-02-14T23:00:00Z");
    expect(read(stampReader("unix", BERLIN), "yesterday")).toBe("STAMP_MALFORMED");
  });

  test("have any format that Luxon's tokens tell", () => {
    expect(read(stampReader("dd.MM.yyyy HH:mm", BERLIN), "01.07.2026 12:00")).toBe("2026-07-01T10:00:00Z");
    expect(read(stampReader("M/d/yyyy h:mm a", BERLIN), "7/1/2026 1:00 PM")).toBe("2026-07-01T11:00:00Z");
    expect(read(stampReader("yyyyMMdd HHmm ZZZ", BERLIN), "20260701 1200 -0100")).toBe("2026-07-01T13:00:00Z");
    expect(read(stampReader("dd.MM.yyyy", BERLIN), "2026-07-01")).toBe("STAMP_MALFORMED");
  });
});
