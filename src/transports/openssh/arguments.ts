/**
 * ssh(1)'s command line for one hop. What the command line says wins over ssh_config, so everything that would weaken
 * the login, or make it ask, forward or stay, is said here; all else (algorithms, GSSAPI, providers) is ssh_config's.
 */
import { existsSync } from 'node:fs';
import type { Limits } from '../transport.js';
import type { IdentitySources } from '../ssh/identities.js';
import type { Hop } from '../ssh/route.js';
import { SINCE, type SshProgram } from './program.js';
import { LOG_VERBOSE } from './log.js';

/** Always, for every connection. */
const SAFE = [
  'BatchMode=yes',
  'StrictHostKeyChecking=yes',
  'UpdateHostKeys=no',
  'NoHostAuthenticationForLocalhost=no',
  'VerifyHostKeyDNS=no',
  'CheckHostIP=no',
  'PasswordAuthentication=no',
  'KbdInteractiveAuthentication=no',
  'NumberOfPasswordPrompts=0',
  'ForwardAgent=no',
  'ForwardX11=no',
  'ClearAllForwardings=yes',
  'Tunnel=no',
  'PermitLocalCommand=no',
  'RemoteCommand=none',
  'RequestTTY=no',
  'AddKeysToAgent=no',
  'VisualHostKey=no',
  'FingerprintHash=sha256',
  'ConnectionAttempts=1',
  'ServerAliveInterval=15',
  'ServerAliveCountMax=3',
];

/** Where ssh finds the host keys that count, when it is not ssh_config's own files. */
export interface KnownKeys {
  readonly files?: readonly string[];
  /** A command line in ssh_config's words. */
  readonly command?: string;
  /** Key types not to be asked for again. */
  readonly without: readonly string[];
}

export interface HopArguments {
  readonly hop: Hop;
  readonly program: SshProgram;
  /** `ssh -F`. */
  readonly configFile: string | undefined;
  readonly limits: Limits;
  readonly logFile: string;
  readonly known: KnownKeys;
  /** A command in ssh_config's words, or `none`. */
  readonly proxyCommand: string;
  /** Be the shared connection behind this socket, instead of running a command. */
  readonly master?: string;
}

/** Every argument, the destination last; what is to be run may follow. */
export function hopArguments(about: HopArguments): string[] {
  const { hop, program, limits } = about;
  const since = (version: number, ...settings: string[]): string[] =>
    program.version >= version ? settings : [];
  const settings = [
    ...SAFE,
    // What the host says before the login would otherwise be printed among the command's own errors.
    ...(program.version >= SINCE.logVerbose
      ? ['LogLevel=ERROR', `LogVerbose=${LOG_VERBOSE}`]
      : ['LogLevel=DEBUG1']),
    // Its own clock is only a second line of defence: it counts in seconds, and not every phase.
    `ConnectTimeout=${String(Math.ceil((limits.connectMs + limits.handshakeMs) / 1000) + 1)}`,
    ...(about.master === undefined
      ? ['ControlMaster=no', 'ControlPath=none', ...since(SINCE.sessionType, 'SessionType=default')]
      : ['ControlMaster=yes', `ControlPath=${quoted(about.master)}`]),
    'ControlPersist=no',
    ...since(SINCE.sessionType, 'ForkAfterAuthentication=no', 'StdinNull=no'),
    ...knownKeys(about.known, program),
    ...identities(hop.identity),
    `IdentityAgent=${hop.agentSocket === undefined ? 'none' : 'SSH_AUTH_SOCK'}`,
    `HostName=${escaped(hop.address)}`,
    `User=${hop.user}`,
    `Port=${String(hop.port)}`,
    `ProxyCommand=${about.proxyCommand}`,
  ];
  return [
    ...(about.configFile === undefined ? [] : ['-F', about.configFile]),
    '-E',
    about.logFile,
    ...(about.master === undefined ? [] : ['-N']),
    '-T',
    '-a',
    '-x',
    ...settings.flatMap((setting) => ['-o', setting]),
    '--',
    hop.alias,
  ];
}

function knownKeys({ files, command, without }: KnownKeys, program: SshProgram): string[] {
  return [
    ...(files === undefined
      ? []
      : [`UserKnownHostsFile=${files.map(quoted).join(' ') || 'none'}`, 'GlobalKnownHostsFile=none']),
    ...(files !== undefined && program.version >= SINCE.knownHostsCommand
      ? [`KnownHostsCommand=${command ?? 'none'}`]
      : []),
    ...(without.length === 0 ? [] : [`HostKeyAlgorithms=-${without.join(',')}`]),
  ];
}

/** What the user names is offered alone, as by the other transport. */
function identities({ identityFile, certificateFile }: IdentitySources): string[] {
  const key = identityFile ?? certificateFile?.replace(/-cert\.pub$/, '');
  const alone = identityFile !== undefined || (key !== undefined && [key, `${key}.pub`].some(existsSync));
  // ssh finds the one beside the key by itself, and then offers the plain key first: only a named one comes first.
  const beside = key === undefined ? [] : [`${key}-cert.pub`].filter(existsSync);
  const [certificate] = certificateFile === undefined ? beside : [certificateFile];
  return [
    ...(key === undefined ? [] : [`IdentityFile=${quoted(key)}`]),
    ...(certificate === undefined ? [] : [`CertificateFile=${quoted(certificate)}`]),
    ...(alone ? ['IdentitiesOnly=yes'] : []),
  ];
}

/** A file name as one word without tokens. Not every name can be written so: see {@link pathProblem}. */
function quoted(path: string): string {
  return `"${escaped(path)}"`;
}

/** Our own text, in which no token of ssh_config is meant. */
export function escaped(text: string): string {
  return text.replaceAll('%', '%%');
}

/** Why a path cannot be given to ssh, or undefined. */
export function pathProblem(path: string): string | undefined {
  // eslint-disable-next-line no-control-regex -- control characters are what is being refused
  return /["\u0000-\u001f]|\$\{/u.test(path)
    ? `${JSON.stringify(path)} holds characters that ssh cannot be given in a file name`
    : undefined;
}
