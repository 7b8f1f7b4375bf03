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

/**
 * Every mall's directory and secret, compared with what the data know of it: a mall whose time zone was changed, or
 * whose secret is another one, is not served.
 */
export async function examineMalls(settings: Settings, serverRuns: boolean): Promise<Finding[]> {
  const { identities, findings } = await keptIdentities(settings, serverRuns);
  const malls = await examineDirectories(settings, identities);
  return [...(malls.length > 0 ? malls : [noMalls(settings)]), ...findings];
}

function noMalls({ mallsFolder }: Settings): Finding {
  return note(
    `no malls in ${mallsFolder} (FOOTFALL_MALLS); make ${mallsFolder}/<code>/ with mall.json, area_shop.csv and place_info.csv, or try footfall start --demo`,
  );
}

async function examineDirectories(settings: Settings, identities: Identities): Promise<Finding[]> {
  const directories = await openMallDirectories({
    folders: mallsFolders(settings),
    timeZones: timeZonesOf(identities),
  });
  directories.close();
  const findings: Finding[] = [];
  for (const { code, name, timeZone, shops, accessPoints } of directories.current().values()) {
    const holds = `${shops.size} shops, ${accessPoints.size} access points`;
    findings.push(ok(`mall ${code}: ${name}, ${timeZone}, ${holds}`));
    findings.push(await examineSecret(code, settings, identities.get(code)));
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
  identity: MallIdentity | undefined,
): Promise<Finding> {
  const file = join(secretsFolder, code);
  try {
    await openSecret({
      folder: secretsFolder,
      mall: code,
      keptFingerprint: identity?.fingerprint ?? null,
      mayCreate: false,
      fingerprint,
      random: randomBytes,
    });
    return ok(`secret of mall ${code} is ${file}; keep a copy, it cannot be replaced`);
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    if (error.code === 'SECRET_MISSING') return ok(`secret of mall ${code}: the first start makes ${file}`);
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
