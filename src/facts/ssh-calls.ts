/** Which of the programs a job runs reach other hosts over SSH by themselves. */
import { baseName, type CalledProgram } from './shell-commands.js';

/** Clients, and programs that start one whatever their arguments are. */
const SSH_FAMILY = new Set([
  'ssh',
  'slogin',
  'scp',
  'sftp',
  'autossh',
  'sshpass',
  'sshfs',
  'sshuttle',
  'ssh-copy-id',
  'mosh',
  'dbclient',
  'plink',
  'pscp',
  'psftp',
  'ansible',
  'ansible-playbook',
  'ansible-pull',
  'salt-ssh',
  'fab',
  'pssh',
  'parallel-ssh',
  'pscp.pssh',
  'prsync',
  'pdsh',
  'pdcp',
  'clush',
  'cssh',
  'dsh',
  'kssh',
]);
/** They print or compare their arguments, and run nothing. */
const TEXT = new Set([
  'echo',
  'printf',
  'logger',
  ':',
  'true',
  'false',
  'test',
  '[',
  '[[',
  'grep',
  'egrep',
  'fgrep',
  'sed',
  'case',
  'for',
  'select',
  'alias',
  'unset',
  'cat',
  'ls',
  'wall',
  'mail',
  'return',
  'exit',
]);
const REMOTE_URL = /^(?:\w+[+])?(?:ssh|sftp|scp)(?:[+]\w+)?:\/\/./;
/** `host:path` and `user@host:path`, as rsync and scp understand them. */
const REMOTE_PATH = /^(?:[^\s/:@]+@)?(?:\[[\da-fA-F:]+\]|[^\s/:@[\]-][^\s/:@]*):(?!\/\/)/;
const SSH_VARIABLE = /^(?:GIT_SSH|GIT_SSH_COMMAND|RSYNC_RSH|CVS_RSH|SVN_SSH|BORG_RSH|CLUSTER_SSH)=./;

/** Names of the programs of the ssh family that are called, each once, e.g. `ssh`, `rsync`, `git over ssh`. */
export function sshCallsOf(programs: readonly CalledProgram[]): string[] {
  return [...new Set(programs.filter(({ dead }) => !dead).flatMap(sshCall))];
}

function sshCall({ program, args, environment }: CalledProgram): string[] {
  const name = baseName(program);
  const set = [...environment, ...(/^(?:export|env|declare|readonly|local)$/.test(name) ? args : [])].find(
    (word) => SSH_VARIABLE.test(word),
  );
  const through =
    set === undefined
      ? []
      : [
          set.startsWith('GIT')
            ? 'git over ssh'
            : /^(?:RSYNC|BORG)/.test(set)
              ? `${set.split('_', 1)[0]?.toLowerCase() ?? ''} over ssh`
              : 'ssh',
        ];
  return [...through, ...direct(name, args)];
}

function direct(name: string, args: readonly string[]): string[] {
  if (TEXT.has(name)) return [];
  if (SSH_FAMILY.has(name)) return tellsOnly(name, args) ? [] : [name];
  if (name === 'rsync')
    return args.some((arg, index) =>
      /^(?:-[a-zA-Z]*e|--rsh)(?:=|$)/.test(arg)
        ? !/^rsh$/.test(args[index + 1] ?? '')
        : remotePath(args, index),
    )
      ? ['rsync']
      : [];
  if (
    name === 'unison' ||
    name === 'syncoid' ||
    name === 'borg' ||
    name === 'borgmatic' ||
    name === 'rdiff-backup' ||
    name === 'restic'
  ) {
    return args.some(
      (arg) => REMOTE_URL.test(arg) || /^(?:sftp:)?[\w.-]+@[\w.-]+:/.test(arg) || /^[\w.-]+::\//.test(arg),
    )
      ? [`${name} over ssh`]
      : [];
  }
  if (name === 'git')
    return args.some(
      (arg) => REMOTE_URL.test(arg) || /^[\w.-]+@[\w.-]+:/.test(arg) || /^core\.sshcommand=/i.test(arg),
    )
      ? ['git over ssh']
      : [];
  return args.some((arg) => REMOTE_URL.test(arg)) ? [`${name} over ssh`] : [];
}

/** An argument of rsync that names another host: not a value of an option, not a local path. `::` is rsync's own protocol. */
function remotePath(args: readonly string[], index: number): boolean {
  const arg = args[index] ?? '';
  return !arg.startsWith('-') && REMOTE_PATH.test(arg) && !/^[^:]*::/.test(arg);
}

/** `ssh -V` and `ssh -G host` connect to nothing. */
function tellsOnly(name: string, args: readonly string[]): boolean {
  if (name === 'ssh') return args.length === 0 || /^-[VQG]/.test(args[0] ?? '');
  return args.length > 0 && args.every((arg) => /^(?:-V|-h|--version|--help)$/.test(arg));
}

const LIBRARIES =
  /^\s*(?:import|from)\s+(paramiko|fabric|asyncssh|netmiko|pexpect\.pxssh)\b|require\s*\(\s*['"](ssh2|node-ssh|ssh2-sftp-client)['"]|from\s+['"](ssh2|node-ssh|ssh2-sftp-client)['"]|\b(?:use|require)\s+(Net::(?:SSH\w*|OpenSSH|SCP|SFTP)\b)|require\s+['"](net\/(?:ssh|scp|sftp))|\b(ssh2_connect)\s*\(/;

/** The SSH client library that a line of another language loads, or null. */
export function libraryCall(line: string): string | null {
  return (
    LIBRARIES.exec(line.slice(0, 2000))
      ?.slice(1)
      .find((name) => name !== undefined) ?? null
  );
}
