/** A 48-bit address as `aa:bb:cc:dd:ee:ff`. */
export function formatMac(mac: number): string {
  const hex = mac.toString(16).padStart(12, '0');
  return hex.replace(/(..)(?=.)/g, '$1:');
}

/**
 * The address in a text: 12 hexadecimal digits once `:`, `-`, `.` and surrounding white space are dropped, in
 * any case. Undefined when it is none.
 */
export function parseMac(text: string): number | undefined {
  const digits = text.trim().replace(/[:.-]/g, '');
  return /^[0-9a-fA-F]{12}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}
