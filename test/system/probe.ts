/** One probe record, as a test tells it; what is left out, the record does not say. */
export interface Probe {
  readonly mac: string;
  readonly atS: number;
  readonly shop?: string;
  readonly accessPoint?: string;
  readonly rssi?: number;
}

/** The record on the wire. */
export function wire({ mac, atS, shop, accessPoint, rssi }: Probe): string {
  return JSON.stringify({
    shop_code: shop,
    occur_time: String(atS),
    user_device_mac: mac,
    rssi: rssi === undefined ? undefined : String(rssi),
    ap_mac: accessPoint,
  });
}
