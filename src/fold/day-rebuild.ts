import type { EpochDay, Sightings } from '../terms.ts';
import type { DayFold } from './day-fold.ts';
import type { LastPositions } from './last-positions.ts';
import { WaitingSightings } from './waiting-sightings.ts';

/**
 * A day that is folded again from its raw records, apart from the fold that answers meanwhile: nobody sees it half
 * done, and one that fails is simply left. `MallFold.adopt` puts it in its place.
 */
export class DayRebuild {
  readonly fold: DayFold;
  /** Records that the watermark had not passed when the rebuild began. */
  readonly waiting = new WaitingSightings();
  readonly #decidedS: number;
  readonly #positions: LastPositions;

  constructor(fold: DayFold, decidedS: number, positions: LastPositions) {
    this.fold = fold;
    this.#decidedS = decidedS;
    this.#positions = positions;
  }

  get day(): EpochDay {
    return this.fold.day;
  }

  /** Records of the day: those of each device in the order of their seconds, across all calls. */
  take(sightings: Sightings): void {
    for (let i = 0; i < sightings.length; i++) {
      this.fold.hear(sightings, i);
      this.#positions.hear(sightings, i);
      if (sightings.occurredAtS[i]! > this.#decidedS) this.waiting.add(sightings, i);
      else this.fold.place(sightings, i);
    }
  }
}
