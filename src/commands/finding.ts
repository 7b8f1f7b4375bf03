/** What doctor found: in order, worth knowing, or a mistake with what to do. */
export interface Finding {
  readonly level: 'ok' | 'note' | 'wrong';
  readonly text: string;
}

export const ok = (text: string): Finding => ({ level: 'ok', text });
export const note = (text: string): Finding => ({ level: 'note', text });
export const wrong = (text: string): Finding => ({ level: 'wrong', text });

/** A check that rejects with what is wrong, as a finding; `fine` when it does not. */
export async function findingOf(check: Promise<unknown>, fine: string): Promise<Finding> {
  try {
    await check;
    return ok(fine);
  } catch (error) {
    return wrong((error as Error).message);
  }
}
