import type { ImportProgress, ImportResult } from '../ingest/operations.ts';
import type { HttpProblemCode } from './http-problem.ts';

/** What an import answers with, one JSON object a line: progress, and at the end its result or why there is none. */
export type AdminLine =
  | { readonly progress: ImportProgress }
  | { readonly result: ImportResult }
  | { readonly error: { readonly code: HttpProblemCode; readonly message: string } };

/** Where the admin routes are: known to the server that has them and the client that calls them. */
export const ADMIN_PATHS = {
  ping: '/v1/admin/ping',
  import: '/v1/admin/import',
  settle: '/v1/admin/settle',
  deadLetters: '/v1/admin/dead-letters',
  keys: '/v1/admin/keys',
} as const;
