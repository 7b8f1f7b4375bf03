import { Field, InterfaceType } from 'type-graphql';
import type { DayRow } from '../../query/answers.ts';
import { DateTime, LocalDate } from '../scalars.ts';
import { dateText, instantTextOrNull } from '../texts.ts';

@InterfaceType('DayRow', {
  description: 'A row about one day of a mall, and how final it is.',
})
export abstract class DayRowType {
  @Field(() => LocalDate, { description: "The day, of the mall's own calendar." })
  readonly date!: string;

  @Field(() => Boolean, {
    description:
      'True when the numbers are the final ones: every record that came was counted. False while the day is open, ' +
      'and while records that came later wait to be counted.',
  })
  readonly settled!: boolean;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'How recent the numbers are. Settled, or waiting to settle again: when it last settled. Open: when the newest ' +
      'counted record was received. Null: no record of this day ever came.',
  })
  readonly asOf!: string | null;

  @Field(() => Boolean, {
    description: 'True when the live numbers cannot be reached, and these may be older than three seconds.',
  })
  readonly stale!: boolean;
}

/**
 * What every row of a day begins with. Rows are written out field by field: spreading this into ten thousand of
 * them costs 4 µs each, and reading a spread row as much again, instead of 0.1.
 */
export function dayRowFields({ day, settled, asOfS, stale }: DayRow): DayRowType {
  return { date: dateText(day), settled, asOf: instantTextOrNull(asOfS), stale };
}
