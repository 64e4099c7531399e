/** From flags to the pace of a fan-out. */
import { UserError } from '../errors.js';
import type { Pace } from '../gather/pace.js';
import type { Settings } from '../options.js';

const MOST_PER_SECOND = 10_000;

/** @throws UserError for a rate that is none. */
export function paceOf(
  settings: Pick<Settings, 'rate' | 'per-bastion' | 'per-environment' | 'deadline' | 'jump'>,
): Pace {
  const { rate, jump } = settings;
  const forced = jump?.split(',')[0]?.trim();
  return {
    perBastion: settings['per-bastion'],
    ...(settings['per-environment'] > 0 && { perEnvironment: settings['per-environment'] }),
    ...(settings.deadline > 0 && { deadlineMs: settings.deadline }),
    ...(rate !== undefined && { rate: parseRate(rate) }),
    ...(forced !== undefined && { bastionOf: () => forced }),
  };
}

/** `20/s` or `90/m`, as hosts per second. @throws UserError for anything else. */
export function parseRate(text: string): number {
  const [, digits, unit] = /^(\d{1,6}(?:\.\d{1,3})?)\/(s|m)$/.exec(text) ?? [];
  const rate = Number(digits) / (unit === 'm' ? 60 : 1);
  if (rate > 0 && rate <= MOST_PER_SECOND) return rate;
  throw new UserError(
    'bad-option',
    `--rate: expected hosts per second or minute, such as 20/s or 90/m, got "${text}"`,
  );
}
