import { join } from 'node:path';
import { Calendar, parseDay } from '../../src/calendar.ts';
import { readMallDirectory } from '../../src/config/mall-directory.ts';
import { FileDecoder } from '../../src/decode/file-decoder.ts';
import { Decoded, type RecordDecoder } from '../../src/decode/record-decoder.ts';
import { Simulator } from '../../src/ingest/simulator/simulator.ts';
import { SIMULATOR_DEFAULTS } from '../../src/ingest/simulator/simulator-options.ts';
import type { Mall } from '../../src/terms.ts';
import { decoderOf } from '../decode/decoding.ts';
import { BENCH_MALL, BENCH_PLAN, createHome } from './bench-mall.ts';
import { compact } from './compact.ts';
import type { Part } from './part.ts';
import { cpuEach, durationOf, medianDuration } from './samples.ts';
import { WireLines } from './wire-lines.ts';

const ROUNDS = 7;
const BODY_LINES = 2_000;
const FILE_CHUNK_BYTES = 1 << 20;
const CSV_COLUMNS = ['id', 'shop_code', 'occur_time', 'user_device_mac', 'rssi', 'ap_mac'];

/** Bytes in, sightings out. */
export const benchDecode: Part = async ({ quick, folder }) => {
  const home = await createHome(join(folder, 'decode'));
  const mall = await readMallDirectory(home.mallFolder, BENCH_MALL);
  const records = quick ? 5_000 : 500_000;
  const bodies = simulatedBodies(records, quick);
  const csv = Buffer.from(csvOf(bodies));
  const rounds = quick ? 1 : ROUNDS;
  const warm = openDecoder(mall);
  const into = new Decoded();
  const json = () => durationOf(() => decodeBodies(warm.decoder, bodies, into, warm.receivedAtS));
  const table = () => durationOf(() => decodeFile(warm.decoder, csv, into, warm.receivedAtS));
  for (let round = 0; round < 2; round++) {
    json();
    table();
  }
  const jsonTime = medianDuration(rounds, json);
  const csvTime = medianDuration(rounds, table);
  const csvRecords = rowsOf(csv);
  const addresses = quick ? 1_000 : 200_000;
  const newcomers = newcomersBodies(addresses);
  const newAddressTime = medianDuration(rounds, () => {
    const { decoder, receivedAtS } = openDecoder(mall);
    const firstTime = durationOf(() => decodeBodies(decoder, newcomers, into, receivedAtS));
    const again = durationOf(() => decodeBodies(decoder, newcomers, into, receivedAtS));
    return {
      seconds: firstTime.seconds - again.seconds,
      cpuSeconds: firstTime.cpuSeconds - again.cpuSeconds,
    };
  });
  const known = `${compact(warm.pseudonyms.size)} addresses, all known`;
  return [
    {
      name: 'NDJSON, bodies of 2,000 records',
      value: records / jsonTime.seconds,
      unit: 'records/s',
      target: { atLeast: 1.5e6 },
      detail: `${compact(records)} records, ${known}; ${cpuEach(jsonTime, records)}`,
    },
    {
      name: 'CSV, one file',
      value: csvRecords / csvTime.seconds,
      unit: 'records/s',
      target: { atLeast: 1.5e6 },
      detail: `the same records; ${cpuEach(csvTime, csvRecords)}`,
    },
    {
      name: 'a new address, more than a known one',
      value: (newAddressTime.seconds / addresses) * 1e6,
      unit: 'µs',
      target: { atMost: 2.5 },
      detail: `${compact(addresses)} addresses, first time less second time; ${cpuEach(newAddressTime, addresses)}`,
    },
  ];
};

function openDecoder(mall: Mall) {
  return { ...decoderOf(mall), receivedAtS: simulatedDay().untilS };
}

function simulatedDay() {
  return new Calendar(BENCH_PLAN.timeZone).range(parseDay('2024-06-14')!);
}

/** Records of the simulator, late, repeated and damaged ones among them, cut into bodies. */
function simulatedBodies(records: number, quick: boolean): Buffer[] {
  const devicesPerDay = quick ? 200 : 20_000;
  const options = { ...SIMULATOR_DEFAULTS, plan: BENCH_PLAN, devicesPerDay, recordsPerDevice: 50 };
  const bodies: Buffer[] = [];
  let lines: string[] = [];
  for (const { bytes } of new Simulator(options).chunks(simulatedDay())) {
    for (const line of Buffer.from(bytes).toString('latin1').split('\n')) {
      if (line !== '') lines.push(line);
      if (lines.length < BODY_LINES) continue;
      bodies.push(Buffer.from(`${lines.join('\n')}\n`, 'latin1'));
      lines = [];
      if (bodies.length * BODY_LINES >= records) return bodies;
    }
  }
  throw new Error(`the simulated day has fewer than ${records} records`);
}

/** One record of each of so many addresses. */
function newcomersBodies(addresses: number): Buffer[] {
  const lines = new WireLines(BENCH_PLAN);
  const bodies: Buffer[] = [];
  const { fromS } = simulatedDay();
  for (let index = 0; index < addresses; index++) {
    lines.add(0xa4c361000000 + index, fromS + 3_600, index % BENCH_PLAN.accessPoints.length, -60);
    if (lines.length === BODY_LINES) bodies.push(lines.take());
  }
  return bodies;
}

function csvOf(bodies: readonly Buffer[]): string {
  const rows = [CSV_COLUMNS.join(',')];
  for (const body of bodies) {
    for (const line of body.toString('latin1').split('\n')) {
      const record = parsed(line);
      if (record !== undefined) rows.push(CSV_COLUMNS.map((key) => record[key]).join(','));
    }
  }
  return `${rows.join('\n')}\n`;
}

/** Undefined for a line that was damaged. */
function parsed(line: string): Record<string, string> | undefined {
  try {
    return JSON.parse(line) as Record<string, string>;
  } catch {
    return undefined;
  }
}

function rowsOf(csv: Buffer): number {
  let rows = -1;
  for (let at = csv.indexOf(10); at >= 0; at = csv.indexOf(10, at + 1)) rows++;
  return rows;
}

function decodeBodies(
  decoder: RecordDecoder,
  bodies: readonly Buffer[],
  into: Decoded,
  receivedAtS: number,
): void {
  for (const body of bodies) {
    into.clear();
    decoder.decode(body, receivedAtS, into);
  }
}

function decodeFile(decoder: RecordDecoder, file: Buffer, into: Decoded, receivedAtS: number): void {
  const reader = new FileDecoder(decoder, receivedAtS);
  for (let at = 0; at < file.length; at += FILE_CHUNK_BYTES) {
    into.clear();
    reader.push(file.subarray(at, at + FILE_CHUNK_BYTES), into);
  }
  reader.end(into);
}
