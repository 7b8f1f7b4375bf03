/** A mall would get another secret or time zone than it has: neither ever changes, and asking again does not help. */
export class IdentityConflict extends Error {
  override readonly name = 'IdentityConflict';
  readonly code = 'IDENTITY_CONFLICT';
  constructor(mall: string) {
    super(
      `the mall ${mall} is kept with another secret or time zone: put those back, or give the mall a new code`,
    );
  }
}
