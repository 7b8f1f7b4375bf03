import { Doorkeeper } from '../access/doorkeeper.ts';
import { KeyBook } from '../access/key-book.ts';
import { TokenVerifier } from '../access/token-verifier.ts';
import type { Settings } from '../config/settings.ts';
import type { ApiKeys } from '../store/store.ts';
import type { Clock } from '../terms.ts';
import type { Opened } from './opened.ts';

/** Whoever the settings and the kept keys let in. */
export async function openDoorkeeper(
  { token, access }: Settings,
  { apiKeys, clock, opened }: { readonly apiKeys: ApiKeys; readonly clock: Clock; readonly opened: Opened },
): Promise<Doorkeeper> {
  const keys = await KeyBook.open(apiKeys);
  opened.add(async () => keys.close());
  const { tokenSecrets: secrets, ...trust } = access;
  const trustsTokens = secrets.length > 0 || trust.jwksUrl !== null;
  const tokens = trustsTokens ? new TokenVerifier({ secrets, ...trust }) : undefined;
  return new Doorkeeper({ token, clock, keys, tokens });
}
