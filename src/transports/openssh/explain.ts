/**
 * Why a login by ssh(1) failed, in the codes all transports share. ssh tells no codes, only sentences; those of OpenSSH
 * 8.0 to 10 are known here. Its log also quotes the host, so a host can choose its reason, but never succeed by it.
 */
import type { GatherFailure, Phase } from '../../model.js';
import { failure } from '../ssh/failure.js';
import { endpointOf, type Hop } from '../ssh/route.js';
import type { SshProcess } from './process.js';
import { pinnedInWords } from './workspace.js';

export interface Explained {
  readonly hop: Hop;
  readonly phase: Phase;
  readonly knownHostsFiles: readonly string[];
  /** Of a login through a bastion: whether that is still connected. */
  readonly bastionOpen?: boolean;
  /** What the bastion said about channels it would not open, since this login began. */
  readonly refusedChannels?: readonly string[];
}

interface Facts extends Explained {
  readonly said: string;
  readonly last: string;
  readonly where: string;
  readonly endpoint: string;
  /** What a ProxyCommand printed. */
  readonly complaint: string;
  readonly presented: string;
}

type Rule = readonly [RegExp, (found: RegExpExecArray, facts: Facts) => GatherFailure];

/** The first that fits decides. */
const RULES: readonly Rule[] = [
  [/REVOKED HOST KEY|\bwas revoked\b|marked as revoked|is revoked/i, revoked],
  [/IDENTIFICATION HAS CHANGED|has changed and you have requested strict/, mismatch],
  [/(?:^|\n)(?:error: )?Certificate invalid: ([^\n]*)/, hostCertificate],
  [
    /No \S+ (?:host key|host certificate) is known for|Host key verification failed|KnownHostsCommand failed/,
    unknown,
  ],
  [/Could not resolve hostname [^\n]*?: ([^\n]*)/, dns],
  [/connect to (?:host|address) [^\n]* port \d+: ([^\n]*)/, connect],
  [/Unable to negotiate with [^\n]*?: (no matching [^\n]*)/, algorithms],
  [/Not allowed at this time/i, shutOut],
  [/Permission denied \(([^)\n]*)/, denied],
  [/Too many authentication failures/i, tooMany],
  [/Connection timed out during banner exchange|Connection to \S+ port \d+ timed out/, slow],
  [
    /Bad configuration option|bad configuration options|Unsupported option|keyword .* extra arguments|Bad owner or permissions/i,
    configuration,
  ],
  [
    /invalid format|Protocol major versions differ|No SSH identification|Bad packet length|padding error|invalid characters|incorrect signature|message authentication code|ssh_dispatch_run_fatal|server version is too old|exceeds maximum|banner line (?:contains|too long)|No SSH version received|Connection corrupted|Bad remote protocol/i,
    broken,
  ],
  [/Connection reset by |read: Connection reset/, reset],
];

/** Of an ssh that ended before it was logged in. */
export function explainLogin(process: SshProcess, about: Explained): GatherFailure {
  const { log, exit } = process;
  const { hop, phase } = about;
  const endpoint = endpointOf(hop);
  const where = endpoint.slice(hop.user.length + 1);
  if (exit?.error)
    return failure('local-resources', phase, `ssh could not be started: ${exit.error.message}`);
  const facts: Facts = {
    ...about,
    endpoint,
    where,
    said: log.errors.join('\n').slice(0, 20_000),
    last: log.errors.at(-1)?.slice(0, 300) ?? '',
    complaint: Buffer.from(process.stderr.bytes()).toString('utf8').trim().slice(-500),
    presented: log.hostKey ? `${log.hostKey.type} ${log.hostKey.fingerprint}` : 'a key',
  };
  // Channels of other hosts may have been refused in the meantime: only what is said of all of them is said of this one.
  const [refused, ...others] = new Set(about.refusedChannels);
  const forward = others.length > 0 ? null : /^(.*?): (.*)$/.exec(refused ?? '');
  if (forward) return notForwarded(forward[1] ?? '', forward[2] ?? '', facts);
  if (refused !== undefined)
    return failure(
      'jump-failed',
      'connect',
      `the bastion could not connect to ${where}: ${[refused, ...others].join('; ').slice(0, 300)}`,
    );
  if (about.bastionOpen === false)
    return failure('jump-failed', 'connect', 'the connection to the bastion is gone');
  for (const [pattern, make] of RULES) {
    const found = pattern.exec(facts.said);
    if (found) return make(found, facts);
  }
  return closed(facts);
}

function revoked(_found: RegExpExecArray, { hop, presented }: Facts): GatherFailure {
  return failure(
    'host-key-revoked',
    'handshake',
    `the key ${presented} of ${hop.address} is marked as revoked`,
    'Treat the host as compromised until somebody can say why its key was revoked.',
  );
}

function hostCertificate(found: RegExpExecArray, { hop, presented }: Facts): GatherFailure {
  return failure(
    'host-certificate-invalid',
    'handshake',
    `${hop.address} presented a host certificate (key ${presented}) that does not count: ${(found[1] ?? '').slice(0, 200)}`,
    'Have the host’s certificate renewed by the CA that known_hosts trusts.',
  );
}

function mismatch(_found: RegExpExecArray, facts: Facts): GatherFailure {
  const { hop, presented, said } = facts;
  if (hop.pins.length > 0) return notPinned(facts);
  const offending = /Offending \S+ key in ([^\n]+:\d+)/.exec(said)?.[1];
  return failure(
    'host-key-mismatch',
    'handshake',
    `${hop.address} presented ${presented}, but ${offending ?? 'known_hosts'} has another key`,
    `If the host was reinstalled, check the new fingerprint on its console, then remove the old line (ssh-keygen -R). Otherwise somebody is in between.`,
  );
}

function notPinned({ hop, presented }: Facts): GatherFailure {
  return failure(
    'host-key-mismatch',
    'handshake',
    `${hop.name} presented ${presented}, but the inventory pins ${pinnedInWords(hop.pins)}`,
    'If the host was reinstalled, check the new fingerprint on its console and change host_key; otherwise somebody is in between.',
  );
}

function unknown(_found: RegExpExecArray, facts: Facts): GatherFailure {
  const { hop, presented, knownHostsFiles } = facts;
  if (hop.pins.length > 0) return notPinned(facts);
  const port = hop.port === 22 ? '' : `-p ${String(hop.port)} `;
  return failure(
    'host-key-unknown',
    'handshake',
    `${hop.address} presented ${presented}, which is not in ${knownHostsFiles.join(', ') || 'any known_hosts file'}`,
    `Check the fingerprint on the host's console (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), then add the key: ssh-keyscan ${port}${hop.address} >> ${knownHostsFiles[0] ?? '~/.ssh/known_hosts'}; or pin the fingerprint as host_key in the inventory.`,
  );
}

function dns(found: RegExpExecArray, { where }: Facts): GatherFailure {
  return failure(
    'dns',
    'resolve',
    `the name of ${where} could not be resolved: ${(found[1] ?? '').slice(0, 200)}`,
    'Give the host an `address` in the inventory, or mend its DNS entry.',
  );
}

function connect(found: RegExpExecArray, { where }: Facts): GatherFailure {
  const why = (found[1] ?? '').slice(0, 200);
  if (/refused/i.test(why))
    return failure(
      'connect-refused',
      'connect',
      `${where} refused the connection`,
      'Is sshd running, and is the port right?',
    );
  if (/timed out/i.test(why)) return failure('connect-timeout', 'connect', `no answer from ${where}: ${why}`);
  if (/too many open files|cannot allocate|no buffer space|resource temporarily/i.test(why))
    return failure(
      'local-resources',
      'connect',
      `this machine could not open another connection to ${where}: ${why}`,
    );
  if (/reset/i.test(why))
    return failure('connection-reset', 'connect', `the connection to ${where} broke: ${why}`);
  return failure('network-unreachable', 'connect', `${where} cannot be reached: ${why}`);
}

function algorithms(found: RegExpExecArray, { where }: Facts): GatherFailure {
  return failure(
    'handshake-failed',
    'handshake',
    `${where}: ${(found[1] ?? '').slice(0, 300)}`,
    'Allow a current algorithm on the host, or the host’s own in ssh_config.',
  );
}

function shutOut(_found: RegExpExecArray, { where, phase }: Facts): GatherFailure {
  return failure(
    'closed-before-login',
    phase,
    `${where} ended the connection: Not allowed at this time`,
    'sshd’s PerSourcePenalties shuts this address out for a while after failed logins.',
  );
}

function denied(found: RegExpExecArray, { endpoint, said }: Facts): GatherFailure {
  const methods = (found[1] ?? '').slice(0, 200);
  const own =
    /(?:^|\n)(?:Load key [^\n]*|sign_and_send_pubkey: [^\n]*|[^\n]*UNPROTECTED PRIVATE KEY FILE[^\n]*)/.exec(
      said,
    )?.[0];
  return failure(
    'login-refused',
    'login',
    `${endpoint} refused the login. It takes: ${methods}${own === undefined ? '' : `. ssh said: ${own.trim().slice(0, 300)}`}`,
    /publickey/.test(methods)
      ? 'Is the key’s CA trusted, one of the certificate’s principals in the account’s file, and the login allowed from here? The host’s sshd log says which.'
      : 'Public keys are not accepted for this account (PubkeyAuthentication, AuthenticationMethods).',
  );
}

function tooMany(_found: RegExpExecArray, { endpoint }: Facts): GatherFailure {
  return failure(
    'login-refused',
    'login',
    `${endpoint} refused the login: too many authentication failures`,
    'More identities were offered than MaxAuthTries allows: name the one to use with --identity.',
  );
}

function slow(_found: RegExpExecArray, { where }: Facts): GatherFailure {
  return failure('handshake-timeout', 'handshake', `${where} did not finish the key exchange in time`);
}

function configuration(_found: RegExpExecArray, { hop, said }: Facts): GatherFailure {
  return failure(
    'dns',
    'resolve',
    `ssh cannot read its configuration for ${hop.name}: ${said.slice(0, 300)}`,
    'Mend the ssh_config; `ssh -G HOST` shows the same.',
  );
}

function broken(_found: RegExpExecArray, { where, last }: Facts): GatherFailure {
  return failure('handshake-failed', 'handshake', `${where}: ${last}`);
}

function reset(_found: RegExpExecArray, facts: Facts): GatherFailure {
  return failure(
    'connection-reset',
    facts.phase,
    `the connection to ${facts.where} broke${proxySaid(facts)}`,
  );
}

function closed(facts: Facts): GatherFailure {
  const { where, phase, last } = facts;
  return failure(
    'closed-before-login',
    phase === 'connect' || phase === 'resolve' ? 'handshake' : phase,
    `${where} closed the connection during ${phase}${last === '' ? '' : `: ${last}`}${proxySaid(facts)}`,
    'Often MaxStartups: lower --concurrency, or the number of hosts behind one bastion.',
  );
}

function proxySaid({ hop, complaint }: Facts): string {
  return hop.proxyCommand === undefined || complaint === '' ? '' : ` (ProxyCommand: ${complaint})`;
}

/** RFC 4254 section 5.1's reasons in OpenSSH's words, with the bastion's own errno text. */
function notForwarded(reason: string, text: string, { where }: Facts): GatherFailure {
  const why = text.slice(0, 200);
  if (/prohibited/i.test(reason))
    return failure(
      'jump-failed',
      'connect',
      `the bastion does not forward to ${where}: ${why}`,
      'Look at AllowTcpForwarding, PermitOpen and the certificate’s permit-port-forwarding there.',
    );
  const says = `the bastion says of ${where}: ${why}`;
  if (/refused/i.test(why)) return failure('connect-refused', 'connect', says);
  if (/timed out/i.test(why)) return failure('connect-timeout', 'connect', says);
  if (/unreachable|no route/i.test(why)) return failure('network-unreachable', 'connect', says);
  if (/not known|name|resolve/i.test(why)) return failure('dns', 'resolve', says);
  return failure('jump-failed', 'connect', says);
}
