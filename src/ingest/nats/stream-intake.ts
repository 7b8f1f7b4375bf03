import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { Decoded, looksLikeRecords } from '../../decode/record-decoder.ts';
import { totalDropped } from '../../outcome.ts';
import { type DeadLetters, StoreUnavailable } from '../../store/store.ts';
import type { Mall } from '../../terms.ts';
import { DoorDecoder } from '../door-decoder.ts';
import type { Intake, Receipt } from '../operations.ts';
import { DROPPED, RECEIVED } from './message-headers.ts';
import { MessagePieces } from './message-pieces.ts';
import { type NatsPublisher, StreamRefused } from './nats-publisher.ts';
import { probesSubject } from './streams.ts';

export interface StreamIntakeOptions {
  /** As its directory describes it now; undefined when there is none. */
  readonly mall: (code: string) => Mall | undefined;
  readonly publisher: NatsPublisher;
  readonly deadLetters: DeadLetters;
  readonly keepRawDays: number | null;
}

/**
 * Takes bodies at the door of any ingester, for any mall: what is dropped goes to the dead letters, what is kept to the
 * stream as it came, with its receipt; the owner of the mall reads it there. Acknowledged once the stream has it all; a
 * body of which the stream took only a part is to be sent again, and what comes twice changes no answer.
 */
export class StreamIntake implements Intake {
  readonly #options: StreamIntakeOptions;
  readonly #doors = new Map<string, DoorDecoder>();

  constructor(options: StreamIntakeOptions) {
    this.#options = options;
  }

  async receive(code: string, body: Uint8Array, receivedAtS: number): Promise<Receipt> {
    const { mall, publisher, deadLetters } = this.#options;
    if (mall(code) === undefined) return { kind: 'unknown_mall' };
    if (!looksLikeRecords(body)) {
      const detail = 'the body holds no record: it must begin with { (NDJSON) or [ (a JSON array of records)';
      return { kind: 'not_records', detail };
    }
    const decoded = new Decoded();
    const pieces = new MessagePieces();
    decoded.onKept = (bytes, from, until) => pieces.add(bytes, from, until);
    this.#doorOf(code).decoder.decode(body, receivedAtS, decoded);
    const { dropped, sightings } = decoded;
    const messages = pieces.take();
    if (messages.length === 0 && totalDropped(dropped) > 0) messages.push(Buffer.of());
    try {
      if (decoded.deadLetters.length > 0) await deadLetters.add(code, decoded.deadLetters);
      const counts = totalDropped(dropped) > 0 ? JSON.stringify(dropped) : undefined;
      await Promise.all(
        messages.map((bytes, i) => {
          return publisher.publish(
            probesSubject(code),
            bytes,
            headersOf(receivedAtS, i === 0 ? counts : undefined),
          );
        }),
      );
    } catch (error) {
      throw error instanceof StreamRefused
        ? new StoreUnavailable('take records into the stream', error)
        : error;
    }
    return { kind: 'received', kept: sightings.length, dropped };
  }

  #doorOf(code: string): DoorDecoder {
    let door = this.#doors.get(code);
    if (door === undefined) {
      const { mall, keepRawDays } = this.#options;
      let last = mall(code)!;
      door = new DoorDecoder(() => {
        last = mall(code) ?? last;
        return last;
      }, keepRawDays);
      this.#doors.set(code, door);
    }
    return door;
  }
}

function headersOf(receivedAtS: number, dropped: string | undefined): MsgHdrs {
  const given = headers();
  given.set(RECEIVED, String(receivedAtS));
  if (dropped !== undefined) given.set(DROPPED, dropped);
  return given;
}
