import { isDeepStrictEqual } from 'node:util';

/**
 * Whether two answers differ in nothing but how recent they are. That of a quiet customer in a busy mall is made
 * anew every second, and is no news.
 */
export function sameButAsOf<T extends { readonly asOfS: number | null } | null>(a: T, b: T): boolean {
  return isDeepStrictEqual(a && { ...a, asOfS: null }, b && { ...b, asOfS: null });
}
