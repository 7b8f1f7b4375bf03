import { Field, ObjectType } from 'type-graphql';
import type { DensityUpdate } from '../../query/answers.ts';
import { aRowACell } from '../costs.ts';
import { DateTime } from '../scalars.ts';
import { instantText } from '../texts.ts';
import { DensityCellType } from './density-cell.type.ts';

@ObjectType('DensityUpdate', {
  simpleResolvers: true,
  description: 'What changed since the update before. Keep a map by floor, x and y: put `cells`.',
})
export class DensityUpdateType {
  @Field(() => DateTime, { description: 'The moment that this is true of.' })
  readonly at!: string;

  @Field(() => Boolean, {
    description:
      'True when `cells` are all of them: forget what you had. So is the first update, and one after updates that ' +
      'were skipped for a slow reader.',
  })
  readonly full!: boolean;

  @Field(() => [DensityCellType], {
    complexity: aRowACell,
    description:
      'Squares with a device in the last 60 seconds: all when `full`, otherwise those that changed, with 0 devices where a square emptied.',
  })
  readonly cells!: readonly DensityCellType[];
}

export function densityUpdate({ atS, full, cells }: DensityUpdate): DensityUpdateType {
  return { at: instantText(atS), full, cells };
}
