/** Why somebody is not let in, or may not do a thing. The message says what would be right, and nothing of the secret. */
export class AccessRefused extends Error {
  override readonly name = 'AccessRefused';
  /** UNAUTHENTICATED: nobody is known by what was brought. FORBIDDEN: somebody is, and may not. */
  readonly code: 'UNAUTHENTICATED' | 'FORBIDDEN';
  constructor(code: AccessRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}
