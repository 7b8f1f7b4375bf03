/** Every `error.code` of a request that is not GraphQL: a closed list. */
export type HttpProblemCode =
  | 'EMPTY_BODY'
  | 'BAD_GZIP'
  | 'NOT_RECORDS'
  | 'BAD_REQUEST'
  | 'BAD_DATE'
  | 'BAD_FILE'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'UNKNOWN_MALL'
  | 'NOT_FOUND'
  | 'PAYLOAD_TOO_LARGE'
  | 'HEADERS_TOO_LARGE'
  | 'TOO_SLOW'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'OVERLOADED'
  | 'STORE_UNAVAILABLE'
  | 'INTERNAL_SERVER_ERROR';

/** A request that is turned away: the message is for whoever sent it, and says what would be right. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly code: HttpProblemCode;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    status: number,
    code: HttpProblemCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  body(): { error: { code: HttpProblemCode; message: string } } {
    return { error: { code: this.code, message: this.message } };
  }
}
