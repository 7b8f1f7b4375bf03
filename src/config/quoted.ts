const SHOWN_MAX = 40;

/** A value as a message shows it: in quotes, control characters escaped, long ones cut. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}…` : value);
}
