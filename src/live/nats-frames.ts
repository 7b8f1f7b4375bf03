import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Codebook } from '../codebook.ts';
import type { Customer, EpochDay, HourTotals } from '../terms.ts';
import { POSITIONS_BACK_S } from '../windows.ts';
import { piecesOf } from './frame-pieces.ts';
import { encodeFrame, type WireDay, type WireFrame } from './frame-wire.ts';
import type { Frame, LiveMall, OpenDay } from './live.ts';

export const FRAMES_SUBJECT = (mall: string) => `live.${mall}`;
export const NOW_SUBJECT = (mall: string) => `live.${mall}.now`;
export const CUSTOMER_SUBJECT = (mall: string) => `live.${mall}.customer`;

/** A mall as the process sees it that folds it. */
export interface FoldedLive extends LiveMall {
  openDays(): EpochDay[];
  presentByShop(nowS: number): Map<number, number>;
}

export interface FramesOptions {
  readonly nats: NatsConnection;
  readonly mall: string;
  readonly epoch: number;
  readonly live: FoldedLive;
  readonly codebook: Codebook;
  /** Receipt up to which other processes can read the rows of an open day; undefined while that is not known. */
  readonly rowsAsOfS: (day: EpochDay) => number | undefined;
}

/**
 * Tells other processes what the fold of a mall knows: a frame a second on `live.<mall>`, the whole of it to whoever asks
 * on `live.<mall>.now`, and what it knows of one customer on `live.<mall>.customer`. The returned function ends it.
 */
export function publishFrames(options: FramesOptions): () => void {
  const publisher = new FramePublisher(options);
  return () => publisher.close();
}

class FramePublisher {
  readonly #options: FramesOptions;
  readonly #subscriptions: Subscription[];
  readonly #stopListening: () => void;
  #number = 0;
  #atS = 0;
  /** Names that every reader has been told. */
  #shopsTold = 0;
  #accessPointsTold = 0;

  constructor(options: FramesOptions) {
    const { nats, mall, live } = options;
    this.#options = options;
    this.#subscriptions = [
      nats.subscribe(NOW_SUBJECT(mall), {
        callback: (error, message) => void (error ?? this.#answerNow(message)),
      }),
      nats.subscribe(CUSTOMER_SUBJECT(mall), {
        callback: (error, message) => void (error ?? this.#answerCustomer(message)),
      }),
    ];
    this.#stopListening = live.onFrame((frame) => this.#publish(frame));
  }

  close(): void {
    this.#stopListening();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #publish({ atS, changedDays, moved, left }: Frame): void {
    const { nats, mall, codebook, epoch } = this.#options;
    this.#atS = atS;
    const frame = this.#frame({ full: false, number: ++this.#number, changedDays, moved, left });
    this.#shopsTold = codebook.shopCount;
    this.#accessPointsTold = codebook.accessPointCount;
    for (const piece of piecesOf(epoch, frame.number, encodeFrame(frame)))
      nats.publish(FRAMES_SUBJECT(mall), piece);
  }

  /** What the newest frame left behind; the frames after it go on from there. */
  #answerNow(message: Msg): void {
    const { live, epoch } = this.#options;
    const moved = live.positionsSince(this.#atS - POSITIONS_BACK_S);
    const changedDays = live.openDays();
    const frame = this.#frame({ full: true, number: this.#number, changedDays, moved, left: [] });
    for (const piece of piecesOf(epoch, frame.number, encodeFrame(frame))) message.respond(piece);
  }

  async #answerCustomer(message: Msg): Promise<void> {
    const customer: Customer | undefined = await this.#options.live.customer(Number(message.string()));
    message.respond(JSON.stringify(customer ?? null));
  }

  #frame(what: Pick<WireFrame, 'full' | 'number' | 'changedDays' | 'moved' | 'left'>): WireFrame {
    const { live, epoch } = this.#options;
    const atS = this.#atS;
    return {
      ...what,
      epoch,
      atS,
      watermarkS: live.watermarkS,
      names: what.full ? this.#namesBehind(0, 0) : this.#namesBehind(this.#shopsTold, this.#accessPointsTold),
      openDays: live.openDays(),
      days: what.changedDays.flatMap((day) => this.#day(live.openDay(day)) ?? []),
      present: { mall: live.present(atS), shops: [...live.presentByShop(atS)] },
      accessPoints: live.accessPoints(),
    };
  }

  #day(open: OpenDay | undefined): WireDay | undefined {
    if (open === undefined) return undefined;
    const { day, asOfS, hasRows } = open;
    const shops = open.shops();
    const shopHours: (HourTotals & { shop: number })[] = [];
    for (const { shop } of shops) for (const hour of open.hours(shop)) shopHours.push({ ...hour, shop });
    const rowsAsOfS = this.#options.rowsAsOfS(day) ?? 0;
    return { day, asOfS, rowsAsOfS, hasRows, totals: open.totals(), shops, hours: open.hours(), shopHours };
  }

  #namesBehind(shopsTold: number, accessPointsTold: number): WireFrame['names'] {
    const { codebook } = this.#options;
    const shops: [number, string][] = [];
    const accessPoints: [number, number][] = [];
    for (let n = shopsTold + 1; n <= codebook.shopCount; n++) shops.push([n, codebook.shopCode(n)]);
    for (let n = accessPointsTold + 1; n <= codebook.accessPointCount; n++) {
      accessPoints.push([n, codebook.accessPointMac(n)]);
    }
    return { shops, accessPoints };
  }
}
