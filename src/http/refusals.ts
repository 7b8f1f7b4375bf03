import { HttpProblem } from './http-problem.ts';

const RETRY_AFTER_S = 1;

/** Why a body of records is sent back, each in one sentence that says what to do. */
export function overloaded(retryAfterS = RETRY_AFTER_S): HttpProblem {
  const message =
    'more records come in than can be kept; nothing of this body was, send it again a little later';
  return new HttpProblem(503, 'OVERLOADED', message, { 'retry-after': String(retryAfterS) });
}

export function tooLarge(): HttpProblem {
  const message = 'the body is larger than 8 MiB: send it in parts, or as gzip';
  return new HttpProblem(413, 'PAYLOAD_TOO_LARGE', message);
}

export function tooManyRecords(recordsMax: number): HttpProblem {
  const most = recordsMax.toLocaleString('en');
  const message = `the body holds more than ${most} records: send it in parts; nothing of it was kept`;
  return new HttpProblem(413, 'PAYLOAD_TOO_LARGE', message);
}

export function emptyBody(): HttpProblem {
  return new HttpProblem(400, 'EMPTY_BODY', 'the body is empty: send records, one JSON object a line');
}

export function unknownMall(mall: string): HttpProblem {
  const code = mall.length > 60 ? `${mall.slice(0, 60)}…` : mall;
  const message = `no mall ${code} is served: malls are the folders of FOOTFALL_MALLS, each with its mall.json; \`footfall doctor\` lists them`;
  return new HttpProblem(404, 'UNKNOWN_MALL', message);
}
