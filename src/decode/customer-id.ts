/** Crockford's base32: no I, L, O or U, so that nothing is misread. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 10;
const DEVICES = 2 ** 46;

const VALUES = new Map<string, number>();
for (const [value, digit] of [...DIGITS].entries()) {
  VALUES.set(digit, value).set(digit.toLowerCase(), value);
}
for (const misread of 'IiLl') VALUES.set(misread, 1);
for (const misread of 'Oo') VALUES.set(misread, 0);

/** A customer as people see it: 10 characters, most significant first. */
export function formatCustomer(device: number): string {
  let text = '';
  let rest = device;
  for (let i = 0; i < LENGTH; i++) {
    text = DIGITS[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** The device of such a text, in any case, I and L read as 1, O as 0; undefined when it names none. */
export function parseCustomer(text: string): number | undefined {
  if (text.length !== LENGTH) return undefined;
  let device = 0;
  for (const character of text) {
    const value = VALUES.get(character);
    if (value === undefined) return undefined;
    device = device * 32 + value;
  }
  return device < DEVICES ? device : undefined;
}

/** Whether the customer's address was a randomised one. */
export function isRandomized(device: number): boolean {
  return device % 2 === 1;
}
