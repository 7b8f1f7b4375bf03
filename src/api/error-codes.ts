import type { RefusalCode } from '../query/refusal.ts';

type TransportCode =
  | 'STORE_UNAVAILABLE'
  | 'SERVER_BUSY'
  | 'RATE_LIMITED'
  | 'DEADLINE_EXCEEDED'
  | 'TOO_COSTLY'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'TOO_MANY_OPERATIONS'
  | 'PAYLOAD_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'BAD_REQUEST'
  | 'GRAPHQL_PARSE_FAILED'
  | 'GRAPHQL_VALIDATION_FAILED'
  | 'BAD_USER_INPUT'
  | 'OPERATION_RESOLUTION_FAILURE'
  | 'PERSISTED_QUERY_NOT_FOUND'
  | 'INTERNAL_SERVER_ERROR';

/** Every `extensions.code` that an answer can carry: a closed list. */
export type ErrorCode = RefusalCode | TransportCode;

/** What each code means, and what the asker can do about it. */
export const ERROR_CODES: Readonly<Record<ErrorCode, string>> = {
  UNKNOWN_MALL: 'No mall of this code is served; the query `malls` lists those that are.',
  BAD_DATE:
    'A date that does not exist, an instant that is not written as RFC 3339 has it, or one outside of 1970 to 2106.',
  BAD_RANGE: 'The end of a range lies before its start.',
  RANGE_TOO_WIDE: 'A range of more days, or hours, than one answer covers: ask for it in parts.',
  ANSWER_TOO_LARGE:
    'An answer, or all answers of the request together, would have too many rows: ask for less at a time.',
  BAD_ARGUMENT:
    'An argument out of its range, or two that exclude each other; the message says what would be right.',
  BAD_CUSTOMER: 'A text that is neither the id of a customer nor a MAC address.',
  BAD_CURSOR: 'A cursor that did not come from an answer to the same question.',
  EXPIRED: 'What was asked for is older than it is kept.',
  NOT_SETTLED: 'Single customers of this day are counted when it settles: ask again later.',
  STORE_UNAVAILABLE: 'The store did not answer: ask again in a few seconds.',
  SERVER_BUSY: 'More is asked than can be answered at once: ask again a second later.',
  RATE_LIMITED:
    'More requests in a minute than one token may make: ask again when the header `Retry-After` says.',
  DEADLINE_EXCEEDED: 'The answer took too long and was given up: ask for less at a time.',
  TOO_COSTLY:
    'The answer could have too many values, rows times fields: ask for fewer days, fields or questions at a time.',
  UNAUTHENTICATED: 'The bearer token is missing, wrong or expired.',
  FORBIDDEN:
    'The token that was brought has no right to this; the description of a question says which it needs.',
  TOO_MANY_OPERATIONS: 'Too many operations run at once on one WebSocket: complete some first.',
  PAYLOAD_TOO_LARGE: 'The request is larger than is accepted.',
  UNSUPPORTED_MEDIA_TYPE: 'The request is not of a content type that is understood here.',
  BAD_REQUEST: 'Not a GraphQL request over HTTP as it should be.',
  GRAPHQL_PARSE_FAILED: 'The text is not GraphQL.',
  GRAPHQL_VALIDATION_FAILED: 'The query does not fit the schema.',
  BAD_USER_INPUT: 'The value of a variable does not fit its type.',
  OPERATION_RESOLUTION_FAILURE:
    'The request holds several operations, or none, and does not name the one to run.',
  PERSISTED_QUERY_NOT_FOUND:
    'No query of this hash is known any more: send it once more together with its text.',
  INTERNAL_SERVER_ERROR: 'A mistake of the server; `extensions.id` finds it in its log.',
};

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);
}
