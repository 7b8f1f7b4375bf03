/** What an asker may do with a mall: a closed list, as keys and tokens name them. */
export const SCOPES = {
  analytics: 'numbers of malls, shops and hours, and how a mall is equipped',
  positions: 'where devices are and were, and how many in each square of the plan; pseudonyms are told',
  customers: 'rows of single customers, by their pseudonyms',
  identify: 'ask for a customer by the MAC address of a device',
  ingest: 'send records',
  admin: 'metrics, and what is wrong in detail',
} as const;

export type Scope = keyof typeof SCOPES;

export const SCOPE_NAMES = Object.keys(SCOPES) as readonly Scope[];

export function isScope(text: string): text is Scope {
  return Object.hasOwn(SCOPES, text);
}
