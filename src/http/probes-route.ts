import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { hasMoreRecordsThan } from '../decode/record-count.ts';
import type { Intake } from '../ingest/operations.ts';
import { StoreBroken, StoreUnavailable } from '../store/store.ts';
import type { Clock } from '../terms.ts';
import { BodyBudget } from './body-budget.ts';
import { HttpProblem } from './http-problem.ts';
import { Inflater } from './inflate.ts';
import { storeUnavailable } from './problem-of.ts';
import { receiveBody } from './receive-body.ts';
import { emptyBody, overloaded, tooLarge, tooManyRecords, unknownMall } from './refusals.ts';

const BODY_BYTES_MAX = 8 << 20;
/** Bodies on their way in, those of all senders together. */
const BODIES_BYTES_MAX = 192 << 20;
/** Twice as many as the largest body holds of records as short as real ones are: more are none, and cost time. */
const RECORDS_MAX = 500_000;

/**
 * `POST /v1/probes/<mall>`: a body of records, answered when the kept ones are durable. Whatever can be refused by
 * its headers is refused before its body is read; a body goes to the line as it came.
 */
export async function addProbesRoute(
  app: FastifyInstance,
  { intake, clock, log }: { readonly intake: Intake; readonly clock: Clock; readonly log: Logger },
): Promise<void> {
  const budget = new BodyBudget(BODIES_BYTES_MAX);
  const inflater = new Inflater();

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.addHook('onRequest', async (request) => {
    announced(request);
    refuseType(request.headers['content-type']);
    refuseEncoding(request.headers['content-encoding']);
  });
  app.post<{ Params: { mall: string } }>('/v1/probes/:mall', async (request, reply) => {
    const share = budget.share();
    // When it has been answered, or its client is gone.
    reply.raw.once('close', () => share.giveBack());
    let body = await receiveBody(request.body as Readable, {
      bytesMax: BODY_BYTES_MAX,
      announcedBytes: announced(request),
      share,
    });
    if (isGzip(request) && body.byteLength > 0) {
      body = await inflater.inflate(body);
      if (!share.take(body.byteLength)) throw overloaded();
    }
    if (body.byteLength === 0) throw emptyBody();
    if (hasMoreRecordsThan(RECORDS_MAX, body)) throw tooManyRecords(RECORDS_MAX);
    const { mall } = request.params;
    const receipt = await intake.receive(mall, body, clock.nowS()).catch((error: unknown) => {
      throw nothingKept(error, log);
    });
    if (receipt.kind === 'received') return { kept: receipt.kept, dropped: receipt.dropped };
    if (receipt.kind === 'unknown_mall') throw unknownMall(mall);
    if (receipt.kind === 'not_records') throw new HttpProblem(400, 'NOT_RECORDS', receipt.detail);
    throw overloaded(receipt.retryAfterS);
  });
}

/** Of a body all is kept or nothing, so its sender can simply send it again. */
function nothingKept(error: unknown, log: Logger): unknown {
  if (!(error instanceof StoreUnavailable)) return error;
  log.warn({ err: error }, error.message);
  // Of the call that broke the store nobody knows; records that are sent twice change no answer.
  const kept = error instanceof StoreBroken ? '' : 'nothing of this body was kept, ';
  return storeUnavailable(`${error.message}; ${kept}send it again`);
}

/** How long the body says it is; undefined when it does not say. */
function announced({ headers }: FastifyRequest): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined;
  const bytes = Number(headers['content-length'] ?? 0);
  if (bytes === 0) throw emptyBody();
  if (bytes > BODY_BYTES_MAX) throw tooLarge();
  return bytes;
}

function refuseType(type: string | undefined): void {
  const essence = type?.split(';', 1)[0]?.trim().toLowerCase();
  if (essence === 'application/x-ndjson' || essence === 'application/json') return;
  const message = `set content-type to application/x-ndjson (or application/json); it is ${type ?? 'missing'}`;
  throw new HttpProblem(415, 'UNSUPPORTED_MEDIA_TYPE', message);
}

function refuseEncoding(encoding: string | undefined): void {
  if (encoding === undefined || /^(x-)?gzip$|^identity$/i.test(encoding)) return;
  const message = `content-encoding may be gzip or absent; it is ${encoding}`;
  throw new HttpProblem(415, 'UNSUPPORTED_MEDIA_TYPE', message, { 'accept-encoding': 'gzip' });
}

function isGzip({ headers }: FastifyRequest): boolean {
  return /gzip/i.test(headers['content-encoding'] ?? '');
}
