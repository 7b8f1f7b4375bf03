import type { Codebook } from '../codebook.ts';

/**
 * Which of two records of one device and second says where the device was: the stronger one; of equal ones that
 * of the lower access-point address (none last), then that of the lower shop code (none last). An unknown
 * strength is −128 and so the weakest. False for records that say the same.
 */
export function outranks(
  codebook: Codebook,
  signalDbm: number,
  accessPoint: number,
  shop: number,
  overSignalDbm: number,
  overAccessPoint: number,
  overShop: number,
): boolean {
  if (signalDbm !== overSignalDbm) return signalDbm > overSignalDbm;
  if (accessPoint !== overAccessPoint) return codebook.accessPointRanksBefore(accessPoint, overAccessPoint);
  return codebook.shopRanksBefore(shop, overShop);
}
