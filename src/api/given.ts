/**
 * Drops what was not given. In GraphQL a missing argument and an explicit null mean the same; in our questions an
 * optional value is there or is absent.
 */
export function given<T extends object>(args: { readonly [K in keyof T]: T[K] | null | undefined }): T {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value != null)) as T;
}
