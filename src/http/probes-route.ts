import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Intake } from '../ingest/operations.ts';
import { StoreUnavailable } from '../store/store.ts';
import type { Clock } from '../terms.ts';
import { BodyBudget } from './body-budget.ts';
import { HttpProblem } from './http-problem.ts';
import { Inflater } from './inflate.ts';
import { storeUnavailable } from './problem-of.ts';

const BODY_BYTES_MAX = 8 << 20;
/** Bodies on their way in, those of all senders together. */
const BODIES_BYTES_MAX = 192 << 20;
/** A sender that takes longer for one body holds on to memory that others need. */
const BODY_MS_MAX = 60_000;
const RETRY_AFTER_S = 1;

/**
 * `POST /v1/probes/<mall>`: a body of records, answered when the kept ones are durable. Whatever can be refused by
 * its headers is refused before its body is read; a body goes to the line as it came, nothing here looks into it.
 */
export async function addProbesRoute(
  app: FastifyInstance,
  { intake, clock, log }: { readonly intake: Intake; readonly clock: Clock; readonly log: Logger },
): Promise<void> {
  const budget = new BodyBudget(BODIES_BYTES_MAX);
  const inflater = new Inflater();

  /** Takes bytes of the budget until the request has been answered, or its client is gone. */
  const take = (bytes: number, reply: FastifyReply) => {
    if (!budget.take(bytes)) throw overloaded(RETRY_AFTER_S);
    reply.raw.once('close', () => budget.giveBack(bytes));
  };

  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => body,
  );
  app.addHook('onRequest', async (request, reply) => {
    const announcedBytes = announced(request);
    refuseType(request.headers['content-type']);
    refuseEncoding(request.headers['content-encoding']);
    take(announcedBytes, reply);
    const overdue = setTimeout(() => request.raw.destroy(), BODY_MS_MAX).unref();
    request.raw.once('close', () => clearTimeout(overdue));
  });
  app.post<{ Params: { mall: string } }>(
    '/v1/probes/:mall',
    { bodyLimit: BODY_BYTES_MAX },
    async (request, reply) => {
      let body = request.body as Buffer;
      if (isGzip(request) && body.byteLength > 0) {
        body = await inflater.inflate(body);
        take(body.byteLength, reply);
      }
      if (body.byteLength === 0) throw empty();
      const { mall } = request.params;
      const receipt = await intake.receive(mall, body, clock.nowS()).catch((error: unknown) => {
        throw nothingKept(error, log);
      });
      if (receipt.kind === 'received') return { kept: receipt.kept, dropped: receipt.dropped };
      if (receipt.kind === 'unknown_mall') throw unknownMall(mall);
      if (receipt.kind === 'not_records') throw new HttpProblem(400, 'NOT_RECORDS', receipt.detail);
      throw overloaded(receipt.retryAfterS);
    },
  );
}

/** Of a body all is kept or nothing, so its sender can simply send it again. */
function nothingKept(error: unknown, log: Logger): unknown {
  if (!(error instanceof StoreUnavailable)) return error;
  log.warn({ err: error }, error.message);
  return storeUnavailable(`${error.message}; nothing of this body was kept, send it again`);
}

/** How long the body says it is; one that does not say may be as long as any. */
function announced({ headers }: FastifyRequest): number {
  if (headers['transfer-encoding'] !== undefined) return BODY_BYTES_MAX;
  const bytes = Number(headers['content-length'] ?? 0);
  if (bytes === 0) throw empty();
  if (bytes > BODY_BYTES_MAX) {
    throw new HttpProblem(
      413,
      'PAYLOAD_TOO_LARGE',
      'the body is larger than 8 MiB: send it in parts, or as gzip',
    );
  }
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

function empty(): HttpProblem {
  return new HttpProblem(400, 'EMPTY_BODY', 'the body is empty: send records, one JSON object a line');
}

function unknownMall(mall: string): HttpProblem {
  const message = `no mall ${mall} is served: malls are the folders of FOOTFALL_MALLS, each with its mall.json; \`footfall doctor\` lists them`;
  return new HttpProblem(404, 'UNKNOWN_MALL', message);
}

function overloaded(retryAfterS: number): HttpProblem {
  const message =
    'more records come in than can be kept; nothing of this body was, send it again a little later';
  return new HttpProblem(503, 'OVERLOADED', message, { 'retry-after': String(retryAfterS) });
}
