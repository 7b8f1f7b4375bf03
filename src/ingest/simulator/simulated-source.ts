import type { Clock } from '../../terms.ts';
import type { Source, SourceBody } from '../source.ts';
import type { Simulator } from './simulator.ts';

/**
 * A simulated mall as a source at a real pace: every second the records that arrive in it. Its position is the
 * instant up to which records are out, kept with them, so that a later start goes on exactly there.
 */
export class SimulatedSource implements Source {
  readonly name = 'simulator';
  readonly #simulator: Simulator;
  readonly #clock: Clock;
  readonly #pause: () => Promise<void>;
  #closed = false;

  /** `pause` resolves about a second later, or at once when the source is being closed. */
  constructor(simulator: Simulator, clock: Clock, pause: () => Promise<void>) {
    this.#simulator = simulator;
    this.#clock = clock;
    this.#pause = pause;
  }

  async *bodies(after: string | undefined): AsyncGenerator<SourceBody> {
    let fromS = after === undefined ? this.#clock.nowS() : Number(after);
    while (!this.#closed) {
      const untilS = this.#clock.nowS();
      for (const { bytes, untilS: outS } of this.#simulator.chunks({ fromS, untilS })) {
        yield { bytes, receivedAtS: untilS, position: String(outS) };
      }
      fromS = Math.max(fromS, untilS);
      await this.#pause();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}
