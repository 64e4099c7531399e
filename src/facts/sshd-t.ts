/**
 * What `sshd -T` and `sshd -V` print, in any version. Source: dump_config() in servconf.c, sshd(8).
 */
import { rememberedByText } from '../memo.js';
import type { SshdVersion } from './types.js';

/**
 * `keyword value` lines. Keywords are lower-cased (they are printed in mixed case from OpenSSH 10.4 on); values are kept
 * as printed. A keyword that is printed several times (port, listenaddress, allowusers …) has several values.
 */
export const parseSshdT: (text: string) => Readonly<Record<string, readonly string[]>> = rememberedByText(
  settingsIn,
  (text) => text,
);

function settingsIn(text: string): Readonly<Record<string, readonly string[]>> {
  const settings = new Map<string, string[]>();
  for (const raw of text.split('\n')) {
    const line = raw.replace(/\r$/, '');
    const blank = line.indexOf(' ');
    const keyword = (blank < 0 ? line : line.slice(0, blank)).toLowerCase();
    if (!/^[a-z0-9]+$/.test(keyword)) continue;
    const value = blank < 0 ? '' : line.slice(blank + 1);
    const known = settings.get(keyword);
    if (known) known.push(value);
    else settings.set(keyword, [value]);
  }
  return Object.fromEntries(settings);
}

/**
 * The version among what `sshd -V` or a refused option printed; the longest text wins, because `-V` of 9.2 leaves
 * out the portable level and the vendor's.
 * @returns null when no OpenSSH version is in it.
 */
export function parseSshdVersion(text: string): SshdVersion | null {
  const all = [...text.matchAll(/OpenSSH_(\d{1,4})\.(\d{1,4})[^,\r\n]{0,100}/g)];
  const best = all.sort((a, b) => b[0].length - a[0].length)[0];
  if (best === undefined) return null;
  return { text: best[0].trim(), major: Number(best[1]), minor: Number(best[2]) };
}
