/** How far back the live questions look: whoever keeps what they need, and whoever answers, count with the same. */

/** A device is present, and in view on a map, for so long after it was heard. */
export const PRESENT_S = 600;

/** Last positions are known for so long: the longest day of 25 hours. */
export const POSITIONS_BACK_S = 90_000;
