import { quoted } from '../config/quoted.ts';
import type { Ask, ServedMall } from './answers.ts';
import { Refusal } from './refusal.ts';

const NAMED_MAX = 5;

export function servedMall(ask: Ask, code: string): ServedMall {
  const served = ask.served(code);
  if (served !== undefined) return served;
  throw new Refusal('UNKNOWN_MALL', `there is no mall ${quoted(code)}; ${whatThereIs(ask.codes())}`);
}

function whatThereIs(codes: readonly string[]): string {
  if (codes.length === 0) return 'none is served yet';
  const named = codes.slice(0, NAMED_MAX).join(', ');
  const more = codes.length - NAMED_MAX;
  return `ask for ${codes.length === 1 ? named : `one of ${named}`}${more > 0 ? ` or ${more} more` : ''}`;
}
