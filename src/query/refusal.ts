/** Why a question is not answered: a closed list, shown to the asker as `extensions.code`. */
export type RefusalCode =
  | 'UNKNOWN_MALL'
  | 'BAD_DATE'
  | 'BAD_RANGE'
  | 'RANGE_TOO_WIDE'
  | 'ANSWER_TOO_LARGE'
  | 'BAD_ARGUMENT'
  | 'BAD_CUSTOMER'
  | 'BAD_CURSOR'
  | 'EXPIRED'
  | 'NOT_SETTLED';

/** A question that cannot be answered as asked. The message is a sentence that says what would be right. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}
