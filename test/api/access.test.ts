import { expect, test } from '@jest/globals';
import { createAccess } from '../../src/api/access.ts';

test.each([
  ['the token', 'Bearer s3cret-of-sixteen', true],
  ['the token, the scheme in small letters', 'bearer s3cret-of-sixteen', true],
  ['another token', 'Bearer s3cret-of-sixteem', false],
  ['a longer token', 'Bearer s3cret-of-sixteen-and-more', false],
  ['the token without the scheme', 's3cret-of-sixteen', false],
  ['another scheme', 'Basic s3cret-of-sixteen', false],
  ['an empty token', 'Bearer ', false],
  ['nothing', undefined, false],
  ['no text', { Bearer: 's3cret-of-sixteen' }, false],
])('where a token is set, %s is answered with %s', (_name, authorization, allowed) => {
  expect(createAccess('s3cret-of-sixteen').allows(authorization)).toBe(allowed);
});

test('where no token is set, everybody is let in', () => {
  expect(createAccess(null).allows(undefined)).toBe(true);
});
