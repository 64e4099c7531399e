/** Sessions of sshd from the lines PAM wrote when they opened and closed. */
import type { SessionMark } from '../../../src/facts/types.js';

export interface PairedSession {
  readonly account: string;
  /** Milliseconds since the epoch. */
  readonly begin: number;
  readonly end: number;
}

export interface PairedSessions {
  readonly closed: readonly PairedSession[];
  /** Opened, and no end is known. */
  readonly open: readonly SessionMark[];
}

/**
 * A session is told by the process that served it and its account; a process opens one at a time, so an opening whose
 * process opens another has no known end. A closing without an opening began before the log.
 * @param logBegins milliseconds since the epoch, of a log without gaps; null: such closings are left out.
 */
export function pairedSessions(marks: readonly SessionMark[], logBegins: number | null): PairedSessions {
  const closed: PairedSession[] = [];
  const left: SessionMark[] = [];
  const opened = new Map<string, SessionMark>();
  for (const mark of [...marks].sort((a, b) => a.at - b.at)) {
    const key = `${mark.pid} ${mark.account}`;
    const begin = opened.get(key);
    if (mark.what === 'opened') {
      if (begin) left.push(begin);
      opened.set(key, mark);
      continue;
    }
    opened.delete(key);
    const since = begin?.at ?? logBegins;
    if (since !== null) closed.push({ account: mark.account, begin: since, end: mark.at });
  }
  return { closed, open: [...left, ...opened.values()] };
}
