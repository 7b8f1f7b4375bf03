/** The data file is open already, in another process or in this one: one process has it at a time. */
export class StoreInUse extends Error {
  override readonly name = 'StoreInUse';
  readonly code = 'STORE_IN_USE';
  readonly file: string;
  constructor(file: string, holder: 'another process' | 'this process', cause?: unknown) {
    super(`${file} is in use by ${holder}: stop that one first, or ask it instead`, { cause });
    this.file = file;
  }
}
