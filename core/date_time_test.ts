import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  createTimeZone,
  formatDateTime,
  isDateTime,
  parseDateTime,
  readDateTime,
  UTC,
} from "./date_time.ts";

function utc(text: string): string | undefined {
  return parseDateTime(text, UTC)?.toISOString();
}

const READ: readonly [text: string, instant: string][] = [
  ["19980717T14:08:55", "1998-07-17T14:08:55.000Z"],
  ["19980717T140855", "1998-07-17T14:08:55.000Z"],
  ["1998-07-17T14:08:55", "1998-07-17T14:08:55.000Z"],
  ["1998-07-17T140855", "1998-07-17T14:08:55.000Z"],
  ["19980717T14:08:55Z", "1998-07-17T14:08:55.000Z"],
  ["19980717T14:08:55.5", "1998-07-17T14:08:55.500Z"],
  ["19980717T14:08:55,05", "1998-07-17T14:08:55.050Z"],
  ["19980717T14:08:55.1239999999", "1998-07-17T14:08:55.123Z"],
  ["19980717T14:08:55+02", "1998-07-17T12:08:55.000Z"],
  ["19980717T14:08:55+0230", "1998-07-17T11:38:55.000Z"],
  ["19980717T14:08:55-02:30", "1998-07-17T16:38:55.000Z"],
  ["19980717T14:08:55+23:59", "1998-07-16T14:09:55.000Z"],
  ["19980717T14:08:55-00:00", "1998-07-17T14:08:55.000Z"],
  ["00010101T00:00:00", "0001-01-01T00:00:00.000Z"],
  ["00010101T00:00:00+00:01", "0000-12-31T23:59:00.000Z"],
  ["00991231T23:59:59", "0099-12-31T23:59:59.000Z"],
  ["16000229T00:00:00", "1600-02-29T00:00:00.000Z"],
  ["19691231T23:59:59.999", "1969-12-31T23:59:59.999Z"],
  ["19700101T00:00:00", "1970-01-01T00:00:00.000Z"],
  ["20000229T00:00:00", "2000-02-29T00:00:00.000Z"],
  ["20001231T00:00:00", "2000-12-31T00:00:00.000Z"],
  ["20240229T00:00:00", "2024-02-29T00:00:00.000Z"],
  ["20240301T00:00:00", "2024-03-01T00:00:00.000Z"],
  ["99991231T23:59:59", "9999-12-31T23:59:59.000Z"],
];

for (const [text, instant] of READ) {
  Deno.test(`parseDateTime() reads ${text}`, () => {
    assertEquals(utc(text), instant);
    assertEquals(isDateTime(text), true);
  });
}

const UNREADABLE: readonly string[] = [
  "",
  "19980717",
  "1998-07-17",
  "14:08:55",
  "19980717 14:08:55",
  "19980717t14:08:55",
  "19980717T14:08",
  "19980717T1408:55",
  "19980717T14:0855",
  "1998-0717T14:08:55",
  "199807-17T14:08:55",
  "980717T14:08:55",
  "+19980717T14:08:55",
  "-19980717T14:08:55",
  "19980717T14:08:55.",
  "19980717T14:08:55z",
  "19980717T14:08:55 Z",
  "19980717T14:08:55+2",
  "19980717T14:08:55+02:",
  "19980717T14:08:55+02:0",
  "19980717T14:08:55Z+02:00",
  "19980717T14:08:55 ",
  "19980717T14:08:55\n",
  "19980717T14:08:5x",
  "١٩٩٨٠٧١٧T14:08:55",
];

const IMPOSSIBLE: readonly string[] = [
  "00000101T00:00:00",
  "00000000T00:00:00Z",
  "19980017T14:08:55",
  "19981317T14:08:55",
  "19980700T14:08:55",
  "19980732T14:08:55",
  "19980431T14:08:55",
  "19980229T00:00:00",
  "19000229T00:00:00",
  "20240230T00:00:00",
  "2023-02-29T00:00:00Z",
  "19980717T24:00:00",
  "19980717T14:60:55",
  "19980717T14:08:60",
  "19980717T14:08:55+24:00",
  "19980717T14:08:55+02:60",
];

for (const text of [...UNREADABLE, ...IMPOSSIBLE]) {
  Deno.test(`parseDateTime() refuses ${JSON.stringify(text)}`, () => {
    assertEquals(utc(text), undefined);
    assertEquals(isDateTime(text), false);
  });
}

Deno.test("parseDateTime() agrees with the platform on days of 2,400 years, the ends of February among them", () => {
  // The platform's own reading of the same fields, from 1 January of the year 1.
  const instant = new Date("0001-01-01T12:34:56Z");
  while (instant.getUTCFullYear() < 2401) {
    const iso = instant.toISOString();
    const text = iso.slice(0, 19).replaceAll("-", "");
    if (utc(text) !== iso) assertEquals(utc(text), iso);
    // Every 7th day, and those around the end of February, where leap years differ.
    const isNearEnd = iso.slice(5, 7) === "02" && iso.slice(8, 10) >= "22";
    instant.setUTCDate(instant.getUTCDate() + (isNearEnd ? 1 : 7));
  }
  assertEquals(instant.toISOString().slice(0, 7), "2401-01");
});

const ZONED: readonly [timeZone: string, text: string, instant: string][] = [
  ["UTC", "20240701T12:00:00", "2024-07-01T12:00:00Z"],
  ["+05:45", "20240701T12:00:00", "2024-07-01T06:15:00Z"],
  ["-03:30", "20240701T12:00:00", "2024-07-01T15:30:00Z"],
  ["Europe/Berlin", "20240101T12:00:00", "2024-01-01T11:00:00Z"],
  ["Europe/Berlin", "20240701T12:00:00", "2024-07-01T10:00:00Z"],
  ["Europe/Berlin", "20240331T01:59:59", "2024-03-31T00:59:59Z"],
  ["Europe/Berlin", "20240331T03:00:00", "2024-03-31T01:00:00Z"],
  ["Europe/Berlin", "20241027T01:59:59", "2024-10-26T23:59:59Z"],
  ["Europe/Berlin", "20241027T03:00:00", "2024-10-27T02:00:00Z"],
  ["America/New_York", "20240310T01:59:59", "2024-03-10T06:59:59Z"],
  ["America/New_York", "20240310T03:00:00", "2024-03-10T07:00:00Z"],
  ["America/New_York", "20241103T00:59:59", "2024-11-03T04:59:59Z"],
  ["America/New_York", "20241103T02:00:00", "2024-11-03T07:00:00Z"],
  ["Europe/London", "20240101T12:00:00", "2024-01-01T12:00:00Z"],
  ["Europe/London", "20240701T12:00:00", "2024-07-01T11:00:00Z"],
  ["Asia/Kathmandu", "20240701T12:00:00", "2024-07-01T06:15:00Z"],
  ["Europe/Berlin", "18900101T00:00:00", "1889-12-31T23:06:32Z"],
];

for (const [timeZone, text, instant] of ZONED) {
  Deno.test(`parseDateTime() reads ${text} in ${timeZone}`, () => {
    assertEquals(
      parseDateTime(text, createTimeZone(timeZone)),
      new Date(instant),
    );
  });

  Deno.test(`formatDateTime() writes ${instant} in ${timeZone}`, () => {
    assertEquals(
      formatDateTime(new Date(instant), createTimeZone(timeZone)),
      text,
    );
  });
}

Deno.test("parseDateTime() takes a zone in the text over the time zone", () => {
  const expected = new Date("2024-07-01T12:00:00Z");
  assertEquals(
    parseDateTime("20240701T12:00:00Z", createTimeZone("Asia/Tokyo")),
    expected,
  );
  assertEquals(
    parseDateTime("20240701T14:00:00+0200", createTimeZone("Asia/Tokyo")),
    expected,
  );
});

// Times that a clock shows twice or not at all, as Temporal's "compatible" reads them. The
// last column is the time that the instant is written as: another time if the clock never showed it.
const CHANGES: readonly [
  timeZone: string,
  text: string,
  instant: string,
  written: string,
][] = [
  // Shown twice: the earlier instant.
  ["Europe/Berlin", "20241027T02:00:00", "2024-10-27T00:00:00Z", "02:00:00"],
  ["Europe/Berlin", "20241027T02:59:59", "2024-10-27T00:59:59Z", "02:59:59"],
  ["America/New_York", "20241103T01:00:00", "2024-11-03T05:00:00Z", "01:00:00"],
  ["America/New_York", "20241103T01:59:59", "2024-11-03T05:59:59Z", "01:59:59"],
  // By 30 minutes.
  [
    "Australia/Lord_Howe",
    "20240407T01:30:00",
    "2024-04-06T14:30:00Z",
    "01:30:00",
  ],
  [
    "Australia/Lord_Howe",
    "20240407T01:59:59",
    "2024-04-06T14:59:59Z",
    "01:59:59",
  ],
  // Never shown: moved forward by the gap.
  ["Europe/Berlin", "20240331T02:00:00", "2024-03-31T01:00:00Z", "03:00:00"],
  ["Europe/Berlin", "20240331T02:59:59", "2024-03-31T01:59:59Z", "03:59:59"],
  ["America/New_York", "20240310T02:00:00", "2024-03-10T07:00:00Z", "03:00:00"],
  ["America/New_York", "20240310T02:59:59", "2024-03-10T07:59:59Z", "03:59:59"],
  [
    "Australia/Lord_Howe",
    "20241006T02:00:00",
    "2024-10-05T15:30:00Z",
    "02:30:00",
  ],
  [
    "Australia/Lord_Howe",
    "20241006T02:29:59",
    "2024-10-05T15:59:59Z",
    "02:59:59",
  ],
  // Nepal's clocks went from +05:30 to +05:45.
  ["Asia/Kathmandu", "19860101T00:07:00", "1985-12-31T18:37:00Z", "00:22:00"],
  // Samoa had no 30 December 2011, and 31 December is what comes instead.
  ["Pacific/Apia", "20111230T00:00:00", "2011-12-30T10:00:00Z", "00:00:00"],
  ["Pacific/Apia", "20111230T23:59:59", "2011-12-31T09:59:59Z", "23:59:59"],
  // Kwajalein had no 21 August 1993.
  [
    "Pacific/Kwajalein",
    "19930821T12:00:00",
    "1993-08-22T00:00:00Z",
    "12:00:00",
  ],
];

for (const [timeZone, text, instant, written] of CHANGES) {
  Deno.test(`parseDateTime() and readDateTime() read ${text} in ${timeZone}, where clocks change`, () => {
    const zone = createTimeZone(timeZone);
    const read = parseDateTime(text, zone)!;
    assertEquals(read, new Date(instant));
    const bytes = new TextEncoder().encode(text);
    assertEquals(readDateTime(bytes, 0, zone), read);
    assertEquals(formatDateTime(read, zone)!.slice(9), written);
  });
}

Deno.test("formatDateTime() writes both instants of an hour that comes twice alike", () => {
  const berlin = createTimeZone("Europe/Berlin");
  for (const instant of ["2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z"]) {
    const text = formatDateTime(new Date(instant), berlin);
    assertEquals(text, "20241027T02:30:00");
  }
});

Deno.test("parseDateTime() reads what formatDateTime() writes on days before and after clocks change", () => {
  const zones = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
  ];
  for (const name of zones) {
    const zone = createTimeZone(name);
    const start = Date.UTC(2011, 0, 1);
    for (let hour = 0; hour < 24 * 366; hour++) {
      const text = formatDateTime(new Date(start + hour * 3_600_000), zone)!;
      const read = parseDateTime(text, zone)!;
      // An hour that comes twice is read as the earlier one; all others as they were.
      const lost = start + hour * 3_600_000 - read.getTime();
      assert([0, 1_800_000, 3_600_000].includes(lost), `${name} ${text}`);
      assertEquals(formatDateTime(read, zone), text);
    }
  }
});

Deno.test("createTimeZone() knows names and offsets", () => {
  const known = ["UTC", "utc", "Europe/Berlin", "+02:00", "-0530"];
  const unknown = ["", "Mars/Olympus", "2", "+25:00", " UTC"];
  for (const name of known) createTimeZone(name);
  for (const name of unknown) {
    assertThrows(() => createTimeZone(name), RangeError);
  }
});

Deno.test("formatDateTime() cuts milliseconds off, before 1970 too", () => {
  assertEquals(formatDateTime(new Date(999), UTC), "19700101T00:00:00");
  assertEquals(formatDateTime(new Date(-1), UTC), "19691231T23:59:59");
  assertEquals(
    formatDateTime(new Date(-1), createTimeZone("+01:00")),
    "19700101T00:59:59",
  );
});

Deno.test("formatDateTime() knows the years 1 to 9999 of the time zone only", () => {
  const cases: [instant: string, timeZone: string, text: string | undefined][] =
    [
      ["0001-01-01T00:00:00Z", "UTC", "00010101T00:00:00"],
      ["0000-12-31T23:59:59Z", "UTC", undefined],
      ["0000-12-31T23:30:00Z", "+01:00", "00010101T00:30:00"],
      ["0001-01-01T00:30:00Z", "-01:00", undefined],
      ["-000001-06-01T00:00:00Z", "UTC", undefined],
      ["9999-12-31T23:59:59Z", "UTC", "99991231T23:59:59"],
      ["+010000-01-01T00:00:00Z", "UTC", undefined],
      ["9999-12-31T23:30:00Z", "+01:00", undefined],
    ];
  for (const [instant, timeZone, text] of cases) {
    assertEquals(
      formatDateTime(new Date(instant), createTimeZone(timeZone)),
      text,
      `${instant} in ${timeZone}`,
    );
  }
  assertEquals(formatDateTime(new Date(NaN), UTC), undefined);
  assertEquals(
    formatDateTime(new Date(NaN), createTimeZone("Europe/Berlin")),
    undefined,
  );
  assertEquals(
    formatDateTime(new Date(8.64e15), createTimeZone("+01:00")),
    undefined,
  );
});
