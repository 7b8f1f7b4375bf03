import type { Duplex } from 'node:stream';
import { errorCode } from './error-code.ts';
import { HttpProblem } from './http-problem.ts';

/** Answers what is no HTTP request in the words of every other refusal, and lets go of its connection. */
export function answerConnectionError(error: Error, connection: Duplex): void {
  if (errorCode(error) !== 'ECONNRESET' && connection.writable) {
    const problem = problemOfConnection(errorCode(error));
    const body = JSON.stringify(problem.body());
    const head = [
      `HTTP/1.1 ${STATUS_LINES[problem.status]}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    connection.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  connection.destroy(error);
}

const STATUS_LINES: Readonly<Record<number, string>> = {
  400: '400 Bad Request',
  408: '408 Request Timeout',
  431: '431 Request Header Fields Too Large',
};

function problemOfConnection(code: string): HttpProblem {
  if (code === 'HPE_HEADER_OVERFLOW') {
    const message = 'the path and the headers of a request may have 16 KiB together';
    return new HttpProblem(431, 'HEADERS_TOO_LARGE', message);
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new HttpProblem(408, 'TOO_SLOW', 'the request came too slowly');
  }
  return new HttpProblem(400, 'BAD_REQUEST', 'this is not an HTTP request as it should be');
}
