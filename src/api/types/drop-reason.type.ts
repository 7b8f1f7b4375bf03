import { registerEnumType } from 'type-graphql';
import type { DropReason } from '../../outcome.ts';

const MEANINGS: Readonly<Record<DropReason, { description: string }>> = {
  unknown_mall: {
    description:
      'No such mall was served. Never counted here: who sends records of an unknown mall is answered with 404.',
  },
  malformed: { description: 'Not a JSON object, or larger than 4 KiB.' },
  bad_device: {
    description: "The device's address is missing, all zero, a group address, or not 12 hex digits.",
  },
  bad_time: { description: 'The time is missing, or not 1 to 10 digits of seconds.' },
  too_old: { description: "Before the mall's `since` date, or older than raw records are kept." },
  from_future: { description: 'Further ahead of its receipt than clocks are allowed to differ.' },
};

/** The closed list of reasons, as an enum whose values are the reasons themselves. */
export const DropReasonEnum = Object.fromEntries(Object.keys(MEANINGS).map((reason) => [reason, reason]));

registerEnumType(DropReasonEnum, {
  name: 'DropReason',
  description: 'Why a record was not counted; the first that applies, in this order of checks.',
  valuesConfig: MEANINGS,
});
