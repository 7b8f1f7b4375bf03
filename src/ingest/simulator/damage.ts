/** What befell a record on its way. 0 = nothing; with anything else it will be dropped. */
export type Damage = number;

export const WHOLE = 0;
export const CUT_SHORT = 1;
export const COMMA_LOST = 2;
export const ADDRESS_GARBLED = 3;
export const ADDRESS_ZERO = 4;
export const ADDRESS_OF_GROUP = 5;
export const TIME_MISSING = 6;
export const TIME_IN_MILLISECONDS = 7;
/** The sender's clock was never set, and counts from when it was switched on. */
export const CLOCK_NOT_SET = 8;
/** The sender's clock is generations ahead, so that the record is from the future whenever it is read. */
export const CLOCK_AHEAD = 9;

export const DAMAGES: readonly Damage[] = [
  CUT_SHORT,
  COMMA_LOST,
  ADDRESS_GARBLED,
  ADDRESS_ZERO,
  ADDRESS_OF_GROUP,
  TIME_MISSING,
  TIME_IN_MILLISECONDS,
  CLOCK_NOT_SET,
  CLOCK_AHEAD,
];
