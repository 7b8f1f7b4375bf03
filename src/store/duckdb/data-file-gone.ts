/** The data file is no longer where it was opened: what is written from now on would be found by nobody. */
export class DataFileGone extends Error {
  override readonly name = 'DataFileGone';
  /** For everybody, the file's place left out. */
  readonly why = 'its data file was removed, moved or replaced while it was open';
  constructor(file: string) {
    super(
      `${file} is not the file that was opened: put that one back, or restart to begin with what is there`,
    );
  }
}
