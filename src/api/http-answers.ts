import { createHash } from 'node:crypto';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AnswerBasis } from '../query/answer-basis.ts';
import type { Ask } from '../query/answers.ts';
import { type Answer, AnswerCache } from './answer-cache.ts';
import { type ApiContext, contextOfRequest } from './api-context.ts';
import type { ApiMetrics } from './api-metrics.ts';
import { Deadline } from './deadline.ts';
import { errorAnswer } from './error-formatter.ts';
import { etagMatches } from './etag-matches.ts';
import type { ApiLimits } from './limits.ts';
import { type Allowance, TurnedAway, type Turnstile } from './turnstile.ts';

const KEY_SIGNS_MAX = 32_768;
/** To read an answer, the largest too. */
const READ_MS = 30_000;
const STATUS = { SERVER_BUSY: 503, RATE_LIMITED: 429 } as const;
const JSON_TYPE = 'application/json; charset=utf-8';
/**
 * Whoever keeps it, a CDN too, asks here each time whether it still holds, with the token of whoever asks: a day may
 * settle again, and what one may see is nothing for another.
 */
const KEPT = { 'cache-control': 'public, no-cache', vary: 'authorization, accept' } as const;
const NOT_KEPT = { 'cache-control': 'no-store' } as const;

/** Answers GraphQL requests over HTTP: from those kept, or by Apollo Server. */
export class HttpAnswers {
  readonly #apollo: ApolloServer<ApiContext>;
  readonly #ask: Ask;
  readonly #turnstile: Turnstile;
  readonly #answerMs: number;
  readonly #metrics: ApiMetrics;
  readonly #cache: AnswerCache;

  constructor(options: {
    readonly apollo: ApolloServer<ApiContext>;
    readonly ask: Ask;
    readonly turnstile: Turnstile;
    readonly limits: ApiLimits;
    readonly metrics: ApiMetrics;
  }) {
    this.#apollo = options.apollo;
    this.#ask = options.ask;
    this.#turnstile = options.turnstile;
    this.#answerMs = options.limits.answerMs;
    this.#metrics = options.metrics;
    this.#cache = new AnswerCache(options.ask);
  }

  async answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    let isMade = false;
    const make = async () => {
      isMade = true;
      this.#enter(reply);
      return this.#make(request, reply);
    };
    try {
      const allowance = await this.#turnstile.charge(request.rights!);
      if (allowance !== undefined) reply.headers(headersOf(allowance));
      const key = keyOf(request);
      const answer = await (key === undefined ? make() : this.#cache.answer(key, make));
      if (!isMade) this.#metrics.keptAnswer();
      return send(request, reply, answer);
    } catch (error) {
      if (!(error instanceof TurnedAway)) throw error;
      this.#metrics.turnedAway(error.code);
      return refuse(reply, error);
    }
  }

  /** Whoever reads slowly takes up its place until it has read, or is given up. */
  #enter(reply: FastifyReply): void {
    const leave = this.#turnstile.enter();
    const overdue = setTimeout(() => reply.raw.destroy(), this.#answerMs + READ_MS).unref();
    reply.raw.once('close', () => {
      clearTimeout(overdue);
      leave();
    });
  }

  async #make(request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
    const deadline = new Deadline(this.#answerMs);
    reply.raw.once('close', () => deadline.giveUp());
    const basis = new AnswerBasis();
    const context = contextOfRequest({ ...this.#ask, basis }, request.rights!, deadline);
    try {
      const { status, headers, body } = await this.#apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: {
          method: request.method,
          headers: headerMap(request),
          search: searchOf(request.url),
          body: request.body,
        },
        context: async () => context,
      });
      if (body.kind !== 'complete') throw new TypeError('an answer in parts was not asked for');
      const { fromDays, failed } = context.progress;
      const isKept = fromDays && !failed && basis.size > 0 && basis.isFirm;
      const bytes = Buffer.from(body.string);
      return {
        status: status ?? 200,
        headers: { ...Object.fromEntries(headers), ...(isKept ? KEPT : NOT_KEPT) },
        body: bytes,
        ...(isKept ? { etag: etagOf(bytes), basis } : { etag: undefined, basis: undefined }),
      };
    } finally {
      deadline.done();
    }
  }
}

/** The question and what its asker may see; undefined for what is not one of those whose answers are kept. */
function keyOf(request: FastifyRequest): string | undefined {
  const { group } = request.rights!;
  const { accept = '' } = request.headers;
  const asked = request.method === 'GET' ? searchAsked(request) : bodyAsked(request);
  if (asked === undefined) return undefined;
  const key = JSON.stringify([request.method, group, accept, asked]);
  return key.length <= KEY_SIGNS_MAX ? key : undefined;
}

/** Only what no page of another site can send without being asked for it first; Apollo Server turns the others away. */
function searchAsked({ url, headers }: FastifyRequest): string | undefined {
  return headers['apollo-require-preflight'] ? searchOf(url) : undefined;
}

function bodyAsked({ body }: FastifyRequest): unknown {
  // A body of another type than JSON came as a text.
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { query, operationName, variables, extensions } = body as Record<string, unknown>;
  return [query, operationName, variables, extensions];
}

function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  const { status, headers, body, etag } = answer;
  reply.code(status);
  for (const [name, value] of Object.entries(headers)) {
    // What other hooks say that the answer varies by stays true.
    const before = name === 'vary' ? reply.getHeader('vary') : undefined;
    reply.header(name, before === undefined ? value : `${before}, ${value}`);
  }
  if (etag === undefined) return reply.send(body);
  reply.header('etag', etag);
  const isKnown = request.method === 'GET' && etagMatches(etag, request.headers['if-none-match']);
  return isKnown ? reply.code(304).send() : reply.send(body);
}

function refuse(reply: FastifyReply, { code, message, retryAfterS }: TurnedAway): FastifyReply {
  return reply
    .code(STATUS[code])
    .headers({ ...NOT_KEPT, 'retry-after': retryAfterS, 'content-type': JSON_TYPE })
    .send(errorAnswer(code, message));
}

/** As draft-ietf-httpapi-ratelimit-headers has them. */
function headersOf({ requestsPerMinute, left, resetS }: Allowance): Record<string, string> {
  return {
    'ratelimit-policy': `"requests";q=${requestsPerMinute};w=60`,
    ratelimit: `"requests";r=${left};t=${resetS}`,
  };
}

function etagOf(body: Buffer): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
}

function headerMap({ headers }: FastifyRequest): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return map;
}

function searchOf(url: string): string {
  const at = url.indexOf('?');
  return at < 0 ? '' : url.slice(at);
}
