import { ObjectType } from 'type-graphql';
import type { Place } from '../../query/answers.ts';
import { accessPointText, instantText } from '../texts.ts';
import { PlaceType } from './place.type.ts';

@ObjectType('TrackPosition', {
  implements: PlaceType,
  simpleResolvers: true,
  description: 'One second on the way of one customer.',
})
export class TrackPositionType extends PlaceType {}

export function trackPosition(row: Place): TrackPositionType {
  return {
    at: instantText(row.atS),
    x: row.x,
    y: row.y,
    floor: row.floor,
    shop: row.shop,
    accessPoint: row.accessPoint === null ? null : accessPointText(row.accessPoint),
    rssiDbm: row.rssiDbm,
  };
}
