import type { OperationRefused, SettledDay } from '../operations.ts';

/** Where the owner of a mall is asked. A mall code has no character that means something in a subject. */
export const OWNER_SUBJECT = (mall: string, kind: OwnerQuestion['kind'] | '*') => `owner.${mall}.${kind}`;
/** While it works on an answer the owner says so, this often. */
export const WORKING_EVERY_MS = 1_000;

export type OwnerQuestion =
  | { readonly kind: 'position' }
  | {
      readonly kind: 'settle';
      readonly from?: string;
      readonly to?: string;
      readonly dates?: readonly string[];
    };

/** Any number of `working`, then one of the others. */
export type OwnerAnswer =
  | { readonly kind: 'working' }
  | { readonly kind: 'position'; readonly position?: string }
  | { readonly kind: 'settled'; readonly days: readonly SettledDay[] }
  | { readonly kind: 'refused'; readonly code: OperationRefused['code']; readonly message: string }
  /** It was the owner when it was asked, and is no longer. */
  | { readonly kind: 'away' }
  | { readonly kind: 'failed'; readonly message: string };
