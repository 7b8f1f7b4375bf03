import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Rights } from '../access/rights.ts';
import type { ApiLimits } from './limits.ts';

const WINDOW_S = 60;
const BUSY_RETRY_S = 1;

/** Why a request is not even looked at, and when to come again. */
export class TurnedAway extends Error {
  override readonly name = 'TurnedAway';
  readonly code: 'SERVER_BUSY' | 'RATE_LIMITED';
  readonly retryAfterS: number;
  constructor(code: TurnedAway['code'], retryAfterS: number, message: string) {
    super(message);
    this.code = code;
    this.retryAfterS = retryAfterS;
  }
}

/** What a holder may still ask in the current minute. */
export interface Allowance {
  readonly requestsPerMinute: number;
  readonly left: number;
  readonly resetS: number;
}

/** Lets requests in: as many as one holder may ask, and as many as this process answers at a time. */
export class Turnstile {
  readonly #limits: Pick<ApiLimits, 'requestsPerMinute' | 'answersAtOnce'>;
  readonly #rates: RateLimiterMemory | undefined;
  #inside = 0;

  constructor(limits: Pick<ApiLimits, 'requestsPerMinute' | 'answersAtOnce'>) {
    this.#limits = limits;
    const { requestsPerMinute } = limits;
    if (requestsPerMinute !== null) {
      this.#rates = new RateLimiterMemory({ points: requestsPerMinute, duration: WINDOW_S });
    }
  }

  /** How many are inside. */
  get inside(): number {
    return this.#inside;
  }

  /** Counts a request of a holder. Undefined: this one is not counted. Rejects with TurnedAway, RATE_LIMITED. */
  async charge({ holder, isLimited }: Rights): Promise<Allowance | undefined> {
    const { requestsPerMinute } = this.#limits;
    if (this.#rates === undefined || requestsPerMinute === null || !isLimited) return undefined;
    try {
      const { remainingPoints, msBeforeNext } = await this.#rates.consume(holder);
      return { requestsPerMinute, left: remainingPoints, resetS: secondsOf(msBeforeNext) };
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      const retryAfterS = secondsOf(error.msBeforeNext);
      const most = requestsPerMinute.toLocaleString('en-US');
      const message = `more than ${most} requests in a minute with one token; ask again in ${retryAfterS} s`;
      throw new TurnedAway('RATE_LIMITED', retryAfterS, message);
    }
  }

  /** Lets one in; the returned function lets it out, once. Throws TurnedAway, SERVER_BUSY. */
  enter(): () => void {
    if (this.#inside >= this.#limits.answersAtOnce) {
      const message = `more is being asked than can be answered; ask again in ${BUSY_RETRY_S} s`;
      throw new TurnedAway('SERVER_BUSY', BUSY_RETRY_S, message);
    }
    this.#inside++;
    let isInside = true;
    return () => {
      if (isInside) this.#inside--;
      isInside = false;
    };
  }
}

function secondsOf(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}
