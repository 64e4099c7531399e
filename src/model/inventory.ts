/** Who is audited and where: the inventory with all defaults applied. */

/** The directive's three actor types (section 2): administrators, LLM agents, automations. */
export type Actor = 'adm' | 'agt' | 'atm';
export const ACTORS: readonly Actor[] = ['adm', 'agt', 'atm'];

/** `auto`: `ssh`, and `openssh` for what ssh2 cannot do. */
export type TransportName = 'ssh' | 'local' | 'ssm' | 'openssh' | 'auto';

/** Line and column of an inventory entry, so that a finding can point at it. Both count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One inventory entry with all defaults applied. `name` is the join key everywhere. */
export interface Host {
  readonly name: string;
  /** Host name or IP address to connect to, before ssh_config is asked. */
  readonly address: string;
  /** Absent means: ssh_config decides, else 22. */
  readonly port?: number;
  /** Absent means: ssh_config decides, else the local user name. */
  readonly user?: string;
  readonly transport: TransportName;
  /** How root is reached after login. `none` is for logins that are root already. */
  readonly become: 'sudo' | 'none';
  readonly environment?: string;
  readonly tags: readonly string[];
  /** Bastions to go through, nearest first. Each is the name of an inventory host or `[user@]host[:port]`. */
  readonly jump: readonly string[];
  /** Pinned host keys: `SHA256:…` fingerprints or `ssh-ed25519 AAAA…` public keys. Empty means known_hosts. */
  readonly hostKeys: readonly string[];
  /** Managed node of AWS Systems Manager: `i-…` or `mi-…`. Always there for transport `ssm`. */
  readonly instance?: string;
  /** AWS region of `instance`. Absent: the AWS SDK's own (AWS_REGION, profile). */
  readonly region?: string;
  /** ARN of the IAM role to assume for it. Absent: the auditor's own AWS identity. */
  readonly roleArn?: string;
  readonly identityFile?: string;
  readonly certificateFile?: string;
  /** A program whose standard input and output are the connection, as in ssh_config; `none` for none. Wins over ssh_config. */
  readonly proxyCommand?: string;
  /** Section 4.1 of the directive: roles this host accepts, by actor type. */
  readonly allowedPrincipals: Readonly<Record<Actor, readonly string[]>>;
  /** The exact map account -> principals; when present it decides alone. */
  readonly principals?: Readonly<Record<string, readonly string[]>>;
  /** Which accounts each actor type logs in to; absent means union mode. */
  readonly accounts?: Readonly<Record<Actor, readonly string[]>>;
  /** The inventory does not say which principals are right: none can be called wrong or missing. */
  readonly unlisted?: true;
  readonly at: SourceLocation;
}

/** What the inventory says must be true on one host: the checks' side of a comparison. */
export interface Expectations {
  readonly host: string;
  readonly environment?: string;
  readonly tags: readonly string[];
  readonly allowedPrincipals: Host['allowedPrincipals'];
  readonly principals?: Host['principals'];
  readonly accounts?: Host['accounts'];
  readonly unlisted?: Host['unlisted'];
  /** The inventory calls it a managed node of AWS Systems Manager. */
  readonly managedNode?: true;
  readonly ca: CaExpectation;
}

export interface CaExpectation {
  /** The only file TrustedUserCAKeys may name. Default: /etc/ssh/ca/ca_user.pub (directive 3.2). */
  readonly trustedUserCaKeys: string;
  /** `SHA256:…` of every CA key that must be in it. Empty: the inventory does not say, so equality cannot be proven. */
  readonly fingerprints: readonly string[];
}
