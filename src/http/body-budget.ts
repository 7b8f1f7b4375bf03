/** Memory for bodies that are being received or taken in, those of all senders together. */
export class BodyBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** For one request: what it takes, it gives back at once. */
  share(): BodyShare {
    let taken = 0;
    return {
      take: (bytes) => {
        if (this.#bytes + bytes > this.#bytesMax) return false;
        this.#bytes += bytes;
        taken += bytes;
        return true;
      },
      giveBack: () => {
        this.#bytes -= taken;
        taken = 0;
      },
    };
  }
}

export interface BodyShare {
  /** False, and nothing taken, when so many bytes do not fit now. */
  take(bytes: number): boolean;
  giveBack(): void;
}
