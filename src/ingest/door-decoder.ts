import { Calendar } from '../calendar.ts';
import { Codebook } from '../codebook.ts';
import { NameGate } from '../decode/name-gate.ts';
import { Pseudonyms } from '../decode/pseudonyms.ts';
import { RecordDecoder } from '../decode/record-decoder.ts';
import type { Mall } from '../terms.ts';

/** Its pseudonyms go nowhere, so any secret will do: the door of a mall needs none. */
const NO_SECRET = new Uint8Array(32);

/**
 * Decides what of a body is kept, where another process keeps it: what it makes of names and addresses is thrown away.
 */
export class DoorDecoder {
  readonly calendar: Calendar;
  readonly decoder: RecordDecoder;

  constructor(mall: () => Mall, keepRawDays: number | null) {
    const codebook = new Codebook();
    this.calendar = new Calendar(mall().timeZone);
    this.decoder = new RecordDecoder({
      mall,
      calendar: this.calendar,
      codebook,
      pseudonyms: new Pseudonyms(NO_SECRET),
      names: new NameGate({
        codebook,
        isKnownShop: (code) => mall().shops.has(code),
        isKnownAccessPoint: (mac) => mall().accessPoints.has(mac),
      }),
      keepRawDays,
    });
  }
}
