/**
 * The host that follows the directive in everything a host can show.
 */
import type { FileSpec, LoginSpec } from '../types.js';
import { ACCOUNTS } from '../template.js';

/** Which principals each account accepts, and which actor it belongs to. */
const PRINCIPALS = {
  ops: ['adm-full', 'adm-readonly'],
  agent: ['agt-incident-resolver-v2'],
  automation: ['atm-backup-daily', 'atm-logrotate'],
  auditor: ['atm-scorecard'],
} as const;

/** The same, as an inventory says it. */
export const ALLOWED = {
  adm: PRINCIPALS.ops,
  agt: PRINCIPALS.agent,
  atm: [...PRINCIPALS.automation, ...PRINCIPALS.auditor],
} as const;

export const ACTOR_ACCOUNTS = { adm: ['ops'], agt: ['agent'], atm: ['automation', 'auditor'] } as const;

/** Forced on every automation's certificate (directive, section 2), the auditor's included. */
export const FORCED_ATM = 'force-command=/usr/local/bin/atm-wrapper.sh';
export const FORCED_AGT = 'force-command=/usr/local/bin/ops-ssh-wrapper';

/** One real login an actor, with what the directive gives each: lifetime, principals, forced command. */
export const SOUND_LOGINS: readonly LoginSpec[] = [
  { account: 'ops', keyId: 'adm-bernd', principals: ['adm-full'], validity: '+24h' },
  {
    account: 'agent',
    keyId: 'agt-incident-resolver-v2',
    principals: ['agt-incident-resolver-v2'],
    validity: '+4h',
    options: ['clear', FORCED_AGT],
  },
  {
    account: 'automation',
    keyId: 'atm-backup-daily',
    principals: ['atm-backup-daily'],
    validity: '+1h',
    options: ['clear', FORCED_ATM],
  },
];

/** What the auditor's own certificate holds. It may run what it is sent: that is its job. */
export const AUDITOR_CERTIFICATE = {
  keyId: 'atm-scorecard',
  principals: ['atm-scorecard'],
  validity: '+8h',
  options: ['clear', FORCED_ATM],
} as const;

/** `collector` is where logs go, `address:port`. Files of the sound host, above the template. */
export function soundFiles(where: {
  name: string;
  address: string;
  port: number;
  collector: string;
  machineId: string;
}): FileSpec[] {
  return [
    { path: '/etc/hostname', content: `${where.name}\n` },
    { path: '/etc/hosts', content: `127.0.0.1 localhost\n${where.address} ${where.name}\n` },
    { path: '/etc/machine-id', mode: 0o444, content: `${where.machineId}\n` },
    { path: `/var/log/journal/${where.machineId}`, mode: 0o2755, gid: 999 },
    { path: '/etc/ssh/sshd_config', content: sshdConfig(where.address, where.port) },
    { path: '/etc/ssh/ca' },
    { path: '/etc/ssh/auth_principals' },
    ...Object.entries(PRINCIPALS).map(([account, names]) => ({
      path: `/etc/ssh/auth_principals/${account}`,
      content: `${names.join('\n')}\n`,
    })),
    ...Object.entries(ACCOUNTS).flatMap(([account, id]) => [
      { path: `/home/${account}`, mode: 0o750, uid: id, gid: id },
      {
        path: `/home/${account}/.profile`,
        uid: id,
        gid: id,
        content: '[ ! -r ~/.bashrc ] || [ -z "$BASH_VERSION" ] || . ~/.bashrc\n',
      },
      {
        path: `/home/${account}/.bashrc`,
        uid: id,
        gid: id,
        content: 'case $- in *i*) ;; *) return;; esac\nPS1="\\u@\\h:\\w\\$ "\n',
      },
    ]),
    { path: '/etc/sudoers.d/auditor', mode: 0o440, content: 'auditor ALL=(root) NOPASSWD: ALL\n' },
    { path: '/usr/local/bin/ops-ssh-wrapper', mode: 0o755, content: AGENT_WRAPPER },
    { path: '/usr/local/bin/atm-wrapper.sh', mode: 0o755, content: AUTOMATION_WRAPPER },
    {
      path: '/etc/cron.d/backup',
      content: 'SHELL=/bin/sh\n15 2 * * * automation /usr/local/bin/atm-wrapper.sh backup-daily\n',
    },
    {
      path: '/etc/systemd/system/incident-resolver.service',
      content:
        '[Unit]\nDescription=Incident resolver\n\n[Service]\nType=oneshot\nUser=agent\nExecStart=/usr/local/bin/ops-ssh-wrapper resolver@prod-db-01 incident-report\n',
    },
    {
      path: '/etc/systemd/system/incident-resolver.timer',
      content:
        '[Unit]\nDescription=Wake the incident resolver\n\n[Timer]\nOnCalendar=hourly\n\n[Install]\nWantedBy=timers.target\n',
    },
    { path: '/etc/systemd/system/timers.target.wants' },
    {
      path: '/etc/systemd/system/timers.target.wants/incident-resolver.timer',
      link: '/etc/systemd/system/incident-resolver.timer',
    },
    {
      path: '/etc/rsyslog.d/50-siem.conf',
      content: `# Authentication messages go to the SIEM.\nauth,authpriv.* @@${where.collector}\n`,
    },
  ];
}

/** Run inside before the daemons start: what is not text. */
export const SOUND_SETUP = `
install -m 644 "$LAB/ca_user.pub" /etc/ssh/ca/ca_user.pub
install -m 644 "$LAB/empty.krl" /etc/ssh/ca/revoked.krl
`;

function sshdConfig(address: string, port: number): string {
  return `Include /etc/ssh/sshd_config.d/*.conf

Port ${port}
ListenAddress ${address}
HostKey /etc/ssh/ssh_host_ed25519_key

SyslogFacility AUTH
LogLevel VERBOSE

LoginGraceTime 30
MaxSessions 10
StrictModes yes
PermitRootLogin no

PubkeyAuthentication yes
TrustedUserCAKeys /etc/ssh/ca/ca_user.pub
AuthorizedPrincipalsFile /etc/ssh/auth_principals/%u
AuthorizedKeysFile none
RevokedKeys /etc/ssh/ca/revoked.krl

PasswordAuthentication no
KbdInteractiveAuthentication no
PermitEmptyPasswords no
UsePAM yes

X11Forwarding no
PrintMotd no
AcceptEnv LANG LC_*
Subsystem sftp /usr/lib/openssh/sftp-server
`;
}

/** Shared by both wrappers: a key that lives in memory, for one connection, and the CA's signature on it. */
const SIGN_AND_RUN = `key=$(mktemp -d /dev/shm/ssh.XXXXXX)
trap 'rm -rf "$key"' EXIT
ssh-keygen -q -t ed25519 -N '' -f "$key/id"
vault write -field=signed_key "ssh/sign/$role" public_key=@"$key/id.pub" >"$key/id-cert.pub"
ssh -i "$key/id" -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes "$@"
`;

const AGENT_WRAPPER = `#!/bin/sh
# Every SSH connection of an agent goes through here: out with a certificate asked for on each wake-up,
# in (forced by the certificate) to the tasks it may do.
set -eu
if [ -n "\${SSH_ORIGINAL_COMMAND-}" ]; then
  case $SSH_ORIGINAL_COMMAND in
    true | incident-report) exec "$SHELL" -c "$SSH_ORIGINAL_COMMAND" ;;
  esac
  echo "not a task of this agent" >&2
  exit 126
fi
role=agt-role
${SIGN_AND_RUN}`;

const AUTOMATION_WRAPPER = `#!/bin/sh
# Every SSH connection of an automation goes through here: out with a certificate asked for each time,
# in (forced by the certificate) to the jobs it may do. The auditor's job is the script it is sent.
set -eu
if [ -n "\${SSH_ORIGINAL_COMMAND-}" ]; then
  case $(id -un):$SSH_ORIGINAL_COMMAND in
    auditor:* | automation:true | automation:backup-daily | automation:logrotate) exec "$SHELL" -c "$SSH_ORIGINAL_COMMAND" ;;
  esac
  echo "not a job of this automation" >&2
  exit 126
fi
job=$1
role=atm-role
set -- "automation@$job.internal" "$job"
${SIGN_AND_RUN}`;
