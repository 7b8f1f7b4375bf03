import type { Frame } from './live.ts';

/** Numbers the frames of one mall and hands each to whoever listens. */
export class FrameFeed {
  readonly #listeners = new Set<(frame: Frame) => void>();
  #number = 0;

  publish(content: Omit<Frame, 'number'>): void {
    const frame = { number: ++this.#number, ...content };
    for (const listener of this.#listeners) listener(frame);
  }

  /** The next frame is to look as if one before it had been missed. */
  skip(): void {
    this.#number++;
  }

  listen(listener: (frame: Frame) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
