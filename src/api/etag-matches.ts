/** Whether `If-None-Match` names this answer (RFC 9110, 13.1.2): a list of tags, weak ones too, or `*` for any. */
export function etagMatches(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
