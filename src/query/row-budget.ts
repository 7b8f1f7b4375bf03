/** Rows that a request may have, over all its questions: one request never holds up the others for long. */
export const ROWS_MAX = 50_000;

/** What one request may still be answered with. */
export class RowBudget {
  #left = ROWS_MAX;

  /** False, and nothing taken, when so many rows are too many. */
  take(rows: number): boolean {
    if (rows > this.#left) return false;
    this.#left -= rows;
    return true;
  }
}
