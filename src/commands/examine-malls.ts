import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openMallDirectories } from '../config/mall-directories.ts';
import { openSecret, SecretError } from '../config/secrets.ts';
import type { Settings } from '../config/settings.ts';
import { fingerprint } from '../decode/pseudonyms.ts';
import { StoreInUse } from '../store/duckdb/store-in-use.ts';
import type { MallIdentity } from '../store/store.ts';
import { dataFile, openStore, timeZonesOf } from './data-file.ts';
import { type Finding, note, ok, wrong } from './finding.ts';
import { mallsFolders } from './operations.ts';

type Identities = ReadonlyMap<string, MallIdentity>;

/** What a shape of the program says of the malls that it serves. */
export interface ServedFrom {
  readonly mallsFolders: readonly string[];
  /** Whether a mall that is new is given a secret by itself. */
  readonly makesSecrets: boolean;
  /** What the data know of malls; `findings` say why they could not be read. */
  readonly kept: { readonly identities: Identities; readonly findings: readonly Finding[] };
}

/**
 * Every mall's directory and secret, compared with what the data know of it: a mall whose time zone was changed, or
 * whose secret is another one, is not served.
 */
export async function examineMalls(settings: Settings, from: ServedFrom): Promise<Finding[]> {
  const malls = await examineDirectories(settings, from);
  return [...(malls.length > 0 ? malls : [noMalls(settings)]), ...from.kept.findings];
}

/** The embedded shape: its data folder knows the malls, and the demo's mall lies in it. */
export async function servedFromDataFolder(settings: Settings, serverRuns: boolean): Promise<ServedFrom> {
  const kept = await keptIdentities(settings, serverRuns);
  return { mallsFolders: mallsFolders(settings), makesSecrets: true, kept };
}

function noMalls({ mallsFolder }: Settings): Finding {
  return note(
    `no malls in ${mallsFolder} (FOOTFALL_MALLS); make ${mallsFolder}/<code>/ with mall.json, area_shop.csv and place_info.csv, or try footfall start --demo`,
  );
}

async function examineDirectories(settings: Settings, from: ServedFrom): Promise<Finding[]> {
  const { identities } = from.kept;
  const directories = await openMallDirectories({
    folders: from.mallsFolders,
    timeZones: timeZonesOf(identities),
  });
  directories.close();
  const findings: Finding[] = [];
  for (const { code, name, timeZone, shops, accessPoints } of directories.current().values()) {
    const holds = `${shops.size} shops, ${accessPoints.size} access points`;
    findings.push(ok(`mall ${code}: ${name}, ${timeZone}, ${holds}`));
    findings.push(await examineSecret(code, settings, from));
  }
  const problems = directories.problems();
  for (const problem of problems.values()) findings.push(wrong(problem.message));
  for (const code of identities.keys()) {
    if (directories.current().has(code) || problems.has(code)) continue;
    findings.push(note(`mall ${code} has data and no directory, so that it is not served`));
  }
  return findings;
}

async function examineSecret(
  code: string,
  { secretsFolder }: Settings,
  { kept, makesSecrets }: ServedFrom,
): Promise<Finding> {
  const file = join(secretsFolder, code);
  try {
    await openSecret({
      folder: secretsFolder,
      mall: code,
      keptFingerprint: kept.identities.get(code)?.fingerprint ?? null,
      mayCreate: false,
      fingerprint,
      random: randomBytes,
    });
    return ok(`secret of mall ${code} is ${file}; keep a copy, it cannot be replaced`);
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    if (error.code === 'SECRET_MISSING' && makesSecrets)
      return ok(`secret of mall ${code}: the first start makes ${file}`);
    return wrong(error.message);
  }
}

/** Nothing where there are no data yet, and nothing to compare with while another process has them. */
async function keptIdentities(
  settings: Settings,
  serverRuns: boolean,
): Promise<{ identities: Identities; findings: Finding[] }> {
  const notCompared = (who: string) => ({
    identities: new Map(),
    findings: [note(`secrets and time zones were not compared with the data: ${who} has them open`)],
  });
  if (serverRuns) return notCompared('the server');
  if (!existsSync(dataFile(settings.dataFolder))) return { identities: new Map(), findings: [] };
  try {
    const { store } = await openStore(settings);
    try {
      return { identities: await store.identities(), findings: [] };
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof StoreInUse) return notCompared('another process');
    return { identities: new Map(), findings: [wrong((error as Error).message)] };
  }
}
