import { describe, expect, test } from '@jest/globals';
import { Calendar, formatDay, parseDay } from '../src/calendar.ts';

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

describe('dates as text', () => {
  test('go there and back', () => {
    for (const text of ['1970-01-01', '2024-02-29', '2105-12-31']) expect(formatDay(day(text))).toBe(text);
  });
  test.each(['2023-02-29', '2024-13-01', '2024-6-14', '20240614', '', '1969-12-31', '2106-01-10'])(
    '%p is not a date',
    (text) => expect(parseDay(text)).toBeUndefined(),
  );
});
