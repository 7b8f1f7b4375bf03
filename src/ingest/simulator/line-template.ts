import { formatMac } from '../../mac.ts';
import type { PlannedAccessPoint } from './mall-plan.ts';

/** The line of one access point with gaps, all of fixed width; each `…At` is where a gap begins. */
export interface LineTemplate {
  readonly bytes: Uint8Array;
  readonly idAt: number;
  readonly occurTimeAt: number;
  readonly deviceAt: number;
  readonly rssiAt: number;
  readonly ptAt: number;
}

export const ID_DIGITS = 15;
export const TIME_DIGITS = 10;
const DEVICE_GAP = '00:00:00:00:00:00';

/** `shopCode`: of the place that the access point serves. */
export function createLineTemplate({ ip, mac }: PlannedAccessPoint, shopCode: string): LineTemplate {
  const id = '{"id":"';
  const occurTime = `${id}${'0'.repeat(ID_DIGITS)}","shop_code":${JSON.stringify(shopCode)},"ap_ip":"${ip}","occur_time":"`;
  const device = `${occurTime}${'0'.repeat(TIME_DIGITS)}","user_device_mac":"`;
  const rssi = `${device}${DEVICE_GAP}","rssi":"`;
  const pt = `${rssi}-00","ap_mac":"${formatMac(mac)}","pt":"`;
  return {
    bytes: Buffer.from(`${pt}00000000"}\n`),
    idAt: id.length,
    occurTimeAt: Buffer.byteLength(occurTime),
    deviceAt: Buffer.byteLength(device),
    rssiAt: Buffer.byteLength(rssi),
    ptAt: Buffer.byteLength(pt),
  };
}
