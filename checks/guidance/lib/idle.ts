/** What sshd does about idle connections. Source: sshd_config(5). */
import type { SshdFacts } from '../../../src/facts/types.js';

const SETTINGS: readonly (readonly [string, RegExp, string])[] = [
  ['ChannelTimeout', /^(?:none)?$/i, 'sshd never ends an idle session'],
  ['UnusedConnectionTimeout', /^(?:none|0)?$/i, 'a connection without a session stays open'],
  ['ClientAliveInterval', /^0?$/, 'a connection whose other side is gone stays open'],
];

/** One sentence for every limit that some connection does not have. Versions before 9.2 have none of the first two. */
export function idleNotes(sshd: SshdFacts | null): string[] {
  const cases = (sshd?.cases ?? []).filter(({ assumes }) => assumes === undefined);
  return SETTINGS.flatMap(([keyword, off, harm]) => {
    const open = cases.filter(({ settings }) => off.test(settings[keyword.toLowerCase()]?.[0]?.trim() ?? ''));
    if (open.length === 0) return [];
    return [`${keyword} is off for ${open.length === cases.length ? 'all' : 'some'} connections: ${harm}`];
  });
}
