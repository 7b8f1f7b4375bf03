/** What is too slow for any body. */
const BODY_S_MAX = 60;
/** A body that takes up no more than this may come as slowly as it likes: thousands of those fit. */
const SMALL_BYTES = 64 << 10;
const GRACE_S = 10;
const PACE_BYTES_PER_S = 128 << 10;

/** Whether a body, of which so much has come in so many seconds, holds on to memory that others need. */
export function isTooSlow(seconds: number, bytes: number): boolean {
  if (seconds > BODY_S_MAX) return true;
  return bytes > SMALL_BYTES && seconds > GRACE_S + bytes / PACE_BYTES_PER_S;
}

export const PACE_IN_WORDS =
  'a body must be here within 60 s, and one of more than 64 KiB come at 128 KiB a second';
