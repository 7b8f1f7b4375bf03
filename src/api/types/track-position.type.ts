import { ObjectType } from 'type-graphql';
import { formatMac } from '../../mac.ts';
import type { Place } from '../../query/answers.ts';
import { instantText } from '../time-text.ts';
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
    accessPoint: row.accessPoint === null ? null : formatMac(row.accessPoint),
    rssiDbm: row.rssiDbm,
  };
}
