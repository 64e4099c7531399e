/** What `diff` and `history` share: choosing one of their own formats. */
import { UserError } from '../errors.js';
import { didYouMean } from '../inventory/suggest.js';
import type { ResolvedSettings } from '../settings.js';

/**
 * The format asked for with -f. A format set elsewhere is about other commands where this one does not have it.
 * @throws UserError for a flag that names no format of this command
 */
export function ownFormat<T extends string>(resolved: ResolvedSettings, formats: readonly [T, ...T[]]): T {
  const { format } = resolved.settings;
  const found = formats.find((one) => one === format);
  if (found !== undefined) return found;
  if (resolved.origins.format !== 'flag') return formats[0];
  throw new UserError('unknown-format', `there is no format "${format}" here`, {
    hint: didYouMean(format, formats) || `formats: ${formats.join(', ')}`,
  });
}
