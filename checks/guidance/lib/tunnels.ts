/** Accounts for port forwarding alone: whether they get a tunnel and nothing more. Source: sshd_config(5), session.c. */
import type { Account, SshdCase } from '../../../src/facts/types.js';
import { printed } from '../../lib/sshd.js';
import type { Door, Verdict } from './doors.js';
import { forcedBy, hasShell } from './entries.js';
import { forwardingOf } from './forwarding.js';
import { lineOf } from './words.js';

export function tunnelVerdict(account: Account, doors: readonly Door[]): Verdict {
  const wrong = new Map<string, Door>();
  const missing = new Set<string>();
  for (const door of doors) {
    const { one, entry } = door;
    if (forcedBy(one, entry) === null) {
      if (hasShell(account)) wrong.set(`run a shell (${account.shell || '/bin/sh'})`, door);
      const sftp = sftpOf(one);
      if (sftp === null && !hasShell(account)) missing.add('sshd -T does not print subsystem');
      // Only the built-in server runs without the login shell (session.c, do_child).
      if (sftp === 'internal-sftp') wrong.set('read and write files by sftp, which needs no shell', door);
    }
    const { open, unprinted } = forwardingOf(one, entry);
    for (const what of open) wrong.set(what, door);
    for (const keyword of unprinted) missing.add(`sshd -T does not print ${keyword}`);
  }
  const [first] = wrong.values();
  return {
    missing: [...missing].map((detail) => ({ reason: 'unsupported', detail })),
    findings: first
      ? [
          {
            subject: `account ${account.name}`,
            message: `The account ${account.name} ${hasShell(account) ? 'is for a tunnel' : 'has no shell, so it is for a tunnel at most'}, and may ${[...wrong.keys()].join('; ')}.`,
            evidence: [
              lineOf(first.entry),
              printed(first.one, 'allowtcpforwarding'),
              printed(first.one, 'permitopen'),
              printed(first.one, 'forcecommand'),
            ],
            remediation: `In sshd_config: Match User ${account.name}, then ForceCommand /usr/sbin/nologin, PermitOpen HOST:PORT, PermitListen none, AllowStreamLocalForwarding no, PermitTTY no.`,
          },
        ]
      : [],
  };
}

/** Null: not printed, by an sshd or by the configuration engine. */
function sftpOf(one: SshdCase): string | null {
  const found = one.settings['subsystem'];
  if (found === undefined) return one.by === 'sshd' ? '' : null;
  const words = found.map((text) => text.trim().split(/\s+/)).find(([name]) => name === 'sftp');
  return words?.[1] ?? '';
}
