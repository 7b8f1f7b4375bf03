import { Field, ObjectType } from 'type-graphql';
import type { DensityMinute } from '../../query/answers.ts';
import { DateTime } from '../scalars.ts';
import { instantText } from '../texts.ts';
import { DensityCellType } from './density-cell.type.ts';
import { PageInfoType } from './page-info.type.ts';

@ObjectType('DensityMinute', {
  simpleResolvers: true,
  description:
    'How many devices were in one square of the plan in one calendar minute, each by its last position in it.',
})
export class DensityMinuteType extends DensityCellType {
  @Field(() => DateTime, { description: 'The instant at which the minute begins.' })
  readonly minute!: string;
}

@ObjectType('DensityConnection', {
  simpleResolvers: true,
  description: 'A page of squares, minute by minute.',
})
export class DensityConnectionType {
  @Field(() => [DensityMinuteType], {
    description: 'Squares with at least one device, in order of their minute.',
  })
  readonly nodes!: readonly DensityMinuteType[];

  @Field(() => PageInfoType, { description: 'How to go on.' })
  readonly pageInfo!: PageInfoType;
}

export function densityMinute({ minuteS, floor, x, y, size, devices }: DensityMinute): DensityMinuteType {
  return { minute: instantText(minuteS), floor, x, y, size, devices };
}
