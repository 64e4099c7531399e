/**
 * A week in a minute: logins of past days, in the host's own journal. Each entry is a real one of that host with its
 * time, process and message exchanged, imported with systemd-journal-remote(8), which keeps trusted fields.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { CertificateRequest, FleetCa, FleetHost, IssuedLine } from './types.js';

export const JOURNAL_REMOTE = '/lib/systemd/systemd-journal-remote';

export interface PastLogin {
  readonly account: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly certificate: Omit<CertificateRequest, 'validity'>;
}

/** The same login as every witness has it. */
export interface Remembered {
  readonly host: string;
  readonly at: number;
  /** The whole line as a forwarder would send it. */
  readonly line: string;
  readonly issued: IssuedLine;
}

const HOUR = 3_600_000;

/** Issues the certificates, with the times they would have had, and writes the logins into the host's journal. */
export async function rememberLogins(
  host: FleetHost,
  ca: FleetCa,
  logins: readonly PastLogin[],
): Promise<Remembered[]> {
  const pattern = await host.run(
    "journalctl -q --no-pager -o export -u ssh.service -t sshd -g '^Accepted publickey' -n 1",
  );
  const remembered: Remembered[] = [];
  const entries: string[] = [];
  for (const [index, { account, at, certificate }] of logins.entries()) {
    const pid = 20_000 + index;
    const port = 40_000 + index;
    const validity = `${stamp(at - 60_000)}:${stamp(at + HOUR)}`;
    const identity = await ca.issue({ ...certificate, validity });
    const message = `Accepted publickey for ${account} from 127.0.0.1 port ${port} ssh2: ED25519-CERT ${identity.fingerprint} ID ${certificate.keyId} (serial ${identity.serial}) CA ED25519 ${ca.fingerprint}`;
    entries.push(entry(pattern, { at, pid, message }));
    const [type = '', blob = ''] = (await readFile(identity.certificateFile, 'utf8')).split(' ');
    remembered.push({
      host: host.name,
      at,
      line: `${new Date(at).toISOString()} ${host.name} sshd[${pid}]: ${message}`,
      issued: {
        issued_at: new Date(at - 60_000).toISOString(),
        serial: String(identity.serial),
        key_id: certificate.keyId,
        principals: certificate.principals,
        certificate: `${type} ${blob}`,
      },
    });
  }
  const id = (await host.run('cat /etc/machine-id')).trim();
  const file = `/var/log/journal/${id}/system@${randomUUID()}.journal`;
  const base64 = Buffer.from(`${entries.join('\n\n')}\n\n`).toString('base64');
  await host.run(`printf %s '${base64}' | base64 -d | ${JOURNAL_REMOTE} --output=${file} - >/dev/null`);
  return remembered;
}

function entry(
  pattern: string,
  given: { readonly at: number; readonly pid: number; readonly message: string },
): string {
  const time = String(given.at * 1000);
  const changed: Readonly<Record<string, string>> = {
    __REALTIME_TIMESTAMP: time,
    _SOURCE_REALTIME_TIMESTAMP: time,
    _BOOT_ID: '0123456789abcdef0123456789abcdef',
    _PID: String(given.pid),
    SYSLOG_PID: String(given.pid),
    MESSAGE: given.message,
  };
  return pattern
    .trim()
    .split('\n')
    .filter((line) => line.includes('=') && !/^(?:__CURSOR|SYSLOG_TIMESTAMP|__SEQNUM)/.test(line))
    .map((line) => {
      const name = line.slice(0, line.indexOf('='));
      return `${name}=${changed[name] ?? line.slice(name.length + 1)}`;
    })
    .join('\n');
}

/** `YYYYMMDDHHMMSSZ`, as `ssh-keygen -V` takes it. */
function stamp(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
}
