import type { DayRange, Mall } from '../terms.ts';
import type { Ask, AskedDay, DayWitness, ServedMall } from './answers.ts';
import { servedMall } from './asked-mall.ts';
import { askDays } from './days.ts';

/** What one question was answered from. */
interface Part {
  readonly mall: Mall;
  readonly range: DayRange;
  readonly finality: string;
}

/**
 * What the answers of one request were made of: the mall's directory, and days that no fold was counting. As long as none
 * of it has changed, making them again would give the same.
 */
export class AnswerBasis implements DayWitness {
  readonly #parts: Part[] = [];
  #isFirm = true;
  /** At midnight days grow too old for what is kept, and records that came late are given up. */
  #untilS = Number.POSITIVE_INFINITY;

  /** How many questions were answered from days. */
  get size(): number {
    return this.#parts.length;
  }

  /** Whether no day of them was being counted, or could not be reached. */
  get isFirm(): boolean {
    return this.#isFirm;
  }

  note({ mall, calendar }: ServedMall, range: DayRange, days: readonly AskedDay[], nowS: number): void {
    this.#parts.push({ mall, range, finality: finalityOf(days) });
    this.#isFirm &&= days.every(
      ({ kept, open, stale }) => kept !== undefined || (open === undefined && !stale),
    );
    this.#untilS = Math.min(this.#untilS, calendar.range(calendar.dayOf(nowS)).untilS);
  }

  /** Whether all of it is as it was. */
  async holds({ basis: _, ...ask }: Ask): Promise<boolean> {
    if (!this.#isFirm || ask.clock.nowS() >= this.#untilS) return false;
    for (const { mall, range, finality } of this.#parts) {
      const served = servedMall(ask, mall.code);
      if (served.mall !== mall) return false;
      if (finalityOf(await askDays(ask, served, range)) !== finality) return false;
    }
    return true;
  }
}

/** Tells every settlement of the days, and what is not final of them, from every other. */
function finalityOf(days: readonly AskedDay[]): string {
  let text = '';
  for (const { kept, stamp, open } of days) {
    text += kept === undefined ? (open === undefined ? '-' : '+') : `${stamp}${kept.settled ? '!' : '?'}`;
  }
  return text;
}
