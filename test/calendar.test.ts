import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Calendar, formatDay, parseDay } from '../src/calendar.ts';
import { SlowCalendar } from './slow-calendar.ts';

const day = (text: string) => parseDay(text)!;
const at = (iso: string) => Date.parse(iso) / 1000;

describe('local days', () => {
  test.each([
    ['Asia/Tokyo', '2024-05-01', '2024-04-30T15:00:00Z', 24],
    ['Europe/Berlin', '2024-10-27', '2024-10-26T22:00:00Z', 25],
    ['Europe/Prague', '2024-03-31', '2024-03-30T23:00:00Z', 23],
    ['America/Los_Angeles', '2024-07-01', '2024-07-01T07:00:00Z', 24],
    ['Asia/Kolkata', '2024-07-01', '2024-06-30T18:30:00Z', 24],
    ['Australia/Lord_Howe', '2024-04-07', '2024-04-06T13:00:00Z', 25],
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00Z', 23],
    ['America/Havana', '2024-11-03', '2024-11-03T04:00:00Z', 25],
    ['Antarctica/Troll', '2024-10-27', '2024-10-26T22:00:00Z', 26],
    ['Pacific/Kiritimati', '2024-01-01', '2023-12-31T10:00:00Z', 24],
    ['UTC', '1970-01-01', '1970-01-01T00:00:00Z', 24],
  ])('%s %s begins at %s and has %d hours', (zone, date, startIso, hours) => {
    const calendar = new Calendar(zone);
    const range = calendar.range(day(date));
    expect(range.fromS).toBe(at(startIso));
    expect(calendar.hourStartsS(day(date))).toHaveLength(hours);
    expect(calendar.dayOf(range.fromS)).toBe(day(date));
    expect(calendar.dayOf(range.fromS - 1)).toBe(day(date) - 1);
    expect(calendar.dayOf(range.untilS - 1)).toBe(day(date));
    expect(calendar.dayOf(range.untilS)).toBe(day(date) + 1);
  });

  test('a date that a zone skipped has no second and no hour', () => {
    const calendar = new Calendar('Pacific/Apia');
    const { fromS, untilS } = calendar.range(day('2011-12-30'));
    expect(untilS - fromS).toBe(0);
    expect(calendar.hourStartsS(day('2011-12-30'))).toEqual([]);
    expect(calendar.dayOf(fromS)).toBe(day('2011-12-31'));
  });

  test('adjacent days share no second and leave none out, for two years of several zones', () => {
    for (const zone of [
      'Europe/Berlin',
      'America/St_Johns',
      'Asia/Beirut',
      'Australia/Lord_Howe',
      'Africa/Casablanca',
    ]) {
      const calendar = new Calendar(zone);
      for (let d = day('2010-06-01'); d < day('2012-06-01'); d++) {
        expect(calendar.range(d).untilS).toBe(calendar.range(d + 1).fromS);
      }
    }
  });
});

describe('local hours', () => {
  test('the hour that comes twice in autumn is two hours', () => {
    const calendar = new Calendar('Europe/Berlin');
    const autumn = day('2024-10-27');
    const starts = calendar.hourStartsS(autumn);
    expect(starts[2]).toBe(at('2024-10-27T00:00:00Z'));
    expect(starts[3]).toBe(at('2024-10-27T01:00:00Z'));
    expect(calendar.slotOf(autumn, at('2024-10-27T00:59:59Z'))).toBe(2);
    expect(calendar.slotOf(autumn, at('2024-10-27T01:00:00Z'))).toBe(3);
    expect(calendar.slotOf(autumn, calendar.range(autumn).untilS - 1)).toBe(24);
  });

  test('half an hour of clock change makes one short hour', () => {
    const calendar = new Calendar('Australia/Lord_Howe');
    const autumn = day('2024-04-07');
    const starts = calendar.hourStartsS(autumn);
    const lengths = starts.map((start, i) => (starts[i + 1] ?? calendar.range(autumn).untilS) - start);
    expect(lengths.filter((s) => s === 1800)).toHaveLength(1);
    for (const [slot, start] of starts.entries()) expect(calendar.slotOf(autumn, start)).toBe(slot);
  });
});

describe('the days of every zone', () => {
  const zones = Intl.supportedValuesOf('timeZone');
  const days = fc.integer({ min: 0, max: day('2105-12-31') });

  const expectAsSlow = (zone: string, d: number) => {
    const calendar = new Calendar(zone);
    const slow = new SlowCalendar(zone);
    const { fromS, untilS } = calendar.range(d);
    expect({ zone, d, fromS, untilS, hours: calendar.hourStartsS(d) }).toEqual({
      zone,
      d,
      ...slow.range(d),
      hours: slow.hourStartsS(d),
    });
  };

  test('are those that asking the platform second by second gives', () => {
    for (const zone of zones) expectAsSlow(zone, day('2024-03-31'));
    fc.assert(fc.property(fc.constantFrom(...zones), days, expectAsSlow), { numRuns: 400 });
  });

  test.each([
    ['a day that was skipped', 'Pacific/Apia', '2011-12-29', '2012-01-02'],
    ['a change at midnight, forward', 'Africa/Cairo', '2014-05-14', '2014-05-17'],
    ['a change at midnight, back', 'America/Sao_Paulo', '2019-02-15', '2019-02-18'],
    ['half an hour', 'Australia/Lord_Howe', '2024-10-04', '2024-10-08'],
    ['a quarter of an hour for good', 'Asia/Kathmandu', '1985-12-30', '1986-01-03'],
    ['two changes within a week', 'America/Recife', '2000-10-06', '2000-10-17'],
    ['a break for Ramadan', 'Africa/Casablanca', '2012-07-18', '2012-08-22'],
    ['seconds of local time', 'Africa/Monrovia', '1972-01-05', '1972-01-09'],
  ])('around %s too: %s from %s to %s', (_what, zone, from, to) => {
    for (let d = day(from); d <= day(to); d++) expectAsSlow(zone, d);
  });
});

describe('what lies beyond the calendar', () => {
  test.each([
    ['the year 50', at('0050-01-01T00:00:00Z')],
    ['the year 9999', at('9999-12-31T00:00:00Z')],
    ['the first instant there is', -8_640_000_000_000 + 86_400 * 2],
  ])('%s costs no walk through the years between', (_what, atS) => {
    const calendar = new Calendar('Europe/Berlin');
    const d = calendar.dayOf(atS);
    const { fromS, untilS } = calendar.range(d);
    expect(fromS <= atS && atS < untilS).toBe(true);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e20])(
    '%p is no instant',
    (atS) => expect(() => new Calendar('UTC').dayOf(atS)).toThrow(RangeError),
  );
});

describe('dates as text', () => {
  test('go there and back', () => {
    for (const text of ['1970-01-01', '2024-02-29', '2105-12-31']) expect(formatDay(day(text))).toBe(text);
  });
  test.each(['2023-02-29', '2024-13-01', '2024-6-14', '20240614', '', '1969-12-31', '2106-01-10'])(
    '%p is not a date',
    (text) => expect(parseDay(text)).toBeUndefined(),
  );
});
