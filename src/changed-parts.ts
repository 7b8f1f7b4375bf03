/** What of a row changed since it was kept last; a part holds those before it. */

/** Nothing but hours. */
export const HOURS_ALONE = 0;
/** What changes with every record: the last second, and in a shop the dwell time. */
export const DETAIL = 1;
/** Every column. */
export const WHOLE = 2;
