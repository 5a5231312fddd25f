// Converts the text of <dateTime.iso8601> to a Date, and back. This module is browser
// compatible.

const DAY_MS = 86_400_000;

/** A dateTime as it is written: local fields, and the zone if there is one. */
interface WrittenDateTime {
  /** The fields read as if they were UTC, in milliseconds since 1970. */
  readonly local: number;
  /** Minutes east of UTC; undefined if the text has no zone. */
  readonly zone: number | undefined;
}

// Spec: "19980717T14:08:55". Not in the spec, but on the wire: dashes (WordPress,
// Java, .NET, JavaScript), no colons, a fraction, "Z" or an offset.
const DATE_TIME =
  /^(\d{4})(-?)(\d\d)\2(\d\d)T(\d\d)(:?)(\d\d)\6(\d\d)(?:[.,](\d+))?(?:(Z)|([+-])(\d\d)(?::?(\d\d))?)?$/;

const DAYS_BEFORE_MONTH = [
  0,
  31,
  59,
  90,
  120,
  151,
  181,
  212,
  243,
  273,
  304,
  334,
  365,
];

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Days from 1970-01-01 to a date. `Date.UTC` would read the years 0-99 as 1900-1999. */
function countDays(year: number, month: number, day: number): number {
  const past = year - 1;
  const leapDays = Math.floor(past / 4) - Math.floor(past / 100) +
    Math.floor(past / 400);
  const inYear = DAYS_BEFORE_MONTH[month - 1]! +
    (month > 2 && isLeap(year) ? 1 : 0);
  return past * 365 + leapDays + inYear + day - 1 - 719_162;
}

function countDaysInMonth(year: number, month: number): number {
  const days = DAYS_BEFORE_MONTH[month]! - DAYS_BEFORE_MONTH[month - 1]!;
  return month === 2 && isLeap(year) ? 29 : days;
}

/** Converts local fields to milliseconds; NaN if they are impossible. */
function toMilliseconds(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  // Date.UTC would silently turn 30 February into a day in March.
  const isPossible = year >= 1 && month >= 1 && month <= 12 && day >= 1 &&
    day <= countDaysInMonth(year, month) && hour >= 0 && hour <= 23 &&
    minute >= 0 && minute <= 59 && second >= 0 && second <= 59;
  if (!isPossible) return NaN;
  return countDays(year, month, day) * DAY_MS +
    hour * 3_600_000 + minute * 60_000 + second * 1000;
}

/** Reads the text of a dateTime; undefined if it is not a date, or an impossible one. */
function readWritten(text: string): WrittenDateTime | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [, year, , month, day, hour, , minute, second, fraction = "", z, sign] =
    match;
  const local = toMilliseconds(
    Number(year),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  ) + Number(fraction.slice(0, 3).padEnd(3, "0"));
  if (Number.isNaN(local)) return undefined;
  if (z !== undefined) return { local, zone: 0 };
  if (sign === undefined) return { local, zone: undefined };
  const zoneHour = Number(match[12]);
  const zoneMinute = Number(match[13] ?? 0);
  if (zoneHour > 23 || zoneMinute > 59) return undefined;
  const east = zoneHour * 60 + zoneMinute;
  return { local, zone: sign === "-" ? -east : east };
}

/** A time zone. */
export interface TimeZone {
  /** Its offset from UTC at an instant, in milliseconds; positive in the east. */
  readonly offsetAt: (instant: number) => number;
}

/** The default time zone of dates without a zone. */
export const UTC: TimeZone = { offsetAt: () => 0 };

/** Creates a time zone from its `Intl` name; throws a RangeError if it is unknown. */
export function createTimeZone(name: string): TimeZone {
  if (name === "UTC") return UTC;
  // One for all dates: creating it takes many times as long as using it.
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    timeZoneName: "longOffset",
  });
  return { offsetAt: (instant) => readOffset(format.formatToParts(instant)) };
}

function readOffset(parts: readonly Intl.DateTimeFormatPart[]): number {
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  // "GMT", "GMT+02:00", and before standard time "GMT+00:53:28".
  const match = /([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  const east = minutes * 60_000 + Number(match[4] ?? 0) * 1000;
  return match[1] === "-" ? -east : east;
}

/** Whether a text is a dateTime that this package reads. */
export function isDateTime(text: string): boolean {
  return readWritten(text) !== undefined;
}

/**
 * Converts the text of a dateTime to a Date; undefined if it is not a dateTime. A text
 * without a zone is in `timeZone`.
 */
export function parseDateTime(
  text: string,
  timeZone: TimeZone,
): Date | undefined {
  const written = readWritten(text);
  if (written === undefined) return undefined;
  const { local, zone } = written;
  return zone === undefined
    ? inTimeZone(local, timeZone)
    : new Date(local - zone * 60_000);
}

/**
 * Reads local fields in a time zone, as "compatible" of Temporal does: a time that the
 * clock shows twice is the earlier of the two, and one that it leaves out is moved
 * forward by the gap.
 */
function inTimeZone(local: number, timeZone: TimeZone): Date {
  if (timeZone === UTC) return new Date(local);
  // No offset is as long as a day, so these are the offsets around a change nearby.
  const before = timeZone.offsetAt(local - DAY_MS);
  const after = timeZone.offsetAt(local + DAY_MS);
  const earlier = local - Math.max(before, after);
  const later = local - Math.min(before, after);
  if (before === after) return new Date(later);
  // Each is an instant at which the clock shows `local` if its own offset is in force.
  const isShown = (instant: number) =>
    instant + timeZone.offsetAt(instant) === local;
  return new Date(isShown(earlier) ? earlier : later);
}

/** 0001-01-01T00:00:00.000Z. */
const FIRST_INSTANT = -62_135_596_800_000;
/** 9999-12-31T23:59:59.999Z. */
const LAST_INSTANT = 253_402_300_799_999;

/** "00" to "99". For bundlers: it is only needed by those who write dates. */
const TWO_DIGITS: readonly string[] = /* @__PURE__ */ Array.from(
  { length: 100 },
  (_, number) => String(number).padStart(2, "0"),
);

/** Formats the day that is `days` after 1970-01-01, as `19980717`. */
function formatDay(days: number): string {
  // In a year that begins in March the leap day is the last: months are easy to find.
  const sinceMarch = days + 719_468;
  const era = Math.floor(sinceMarch / 146_097);
  const inEra = sinceMarch - era * 146_097;
  const yearInEra = Math.floor(
    (inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) -
      Math.floor(inEra / 146_096)) / 365,
  );
  const inYear = inEra -
    (yearInEra * 365 + Math.floor(yearInEra / 4) - Math.floor(yearInEra / 100));
  const monthFromMarch = Math.floor((5 * inYear + 2) / 153);
  const day = inYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = era * 400 + yearInEra + (month <= 2 ? 1 : 0);
  return TWO_DIGITS[Math.floor(year / 100)]! + TWO_DIGITS[year % 100]! +
    TWO_DIGITS[month]! + TWO_DIGITS[day]!;
}

/** Reads a number of up to nine digits; -1 if there is another character. */
function readDigits(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * A fast {@linkcode parseDateTime} from bytes, for the form in the specification only;
 * undefined if it is another form, or wrong.
 */
export function readDateTime(
  bytes: Uint8Array,
  start: number,
  timeZone: TimeZone,
): Date | undefined {
  const isSpecForm = bytes[start + 8] === 0x54 &&
    bytes[start + 11] === 0x3a && bytes[start + 14] === 0x3a;
  if (!isSpecForm) return undefined;
  const local = toMilliseconds(
    readDigits(bytes, start, start + 4),
    readDigits(bytes, start + 4, start + 6),
    readDigits(bytes, start + 6, start + 8),
    readDigits(bytes, start + 9, start + 11),
    readDigits(bytes, start + 12, start + 14),
    readDigits(bytes, start + 15, start + 17),
  );
  return Number.isNaN(local) ? undefined : inTimeZone(local, timeZone);
}

/**
 * Formats a date as `19980717T14:08:55` in `timeZone`, without its milliseconds;
 * undefined if it is invalid or its year is not within 1-9999.
 */
export function formatDateTime(
  date: Date,
  timeZone: TimeZone,
): string | undefined {
  const instant = date.getTime();
  if (Number.isNaN(instant)) return undefined;
  const local = timeZone === UTC
    ? instant
    : instant + timeZone.offsetAt(instant);
  if (!(local >= FIRST_INSTANT && local <= LAST_INSTANT)) return undefined;
  const days = Math.floor(local / DAY_MS);
  const second = Math.floor((local - days * DAY_MS) / 1000);
  const minute = Math.floor(second / 60);
  return `${formatDay(days)}T${TWO_DIGITS[Math.floor(minute / 60)]}:${
    TWO_DIGITS[minute % 60]
  }:${TWO_DIGITS[second % 60]}`;
}
