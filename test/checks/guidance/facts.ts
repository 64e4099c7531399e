/** Facts for the guidance, through the project's own parsers: key lines, principals, what sshd prints. */
import { parseSshdT } from '../../../src/facts/sshd-t.js';
import type { AuthorizedKeysFile, PrincipalsFile, SshdCase } from '../../../src/facts/types.js';
import type { AnyCheck, CheckInput, Outcome } from '../../../src/model.js';
import { parseAuthorizedKeys } from '../../../src/openssh/authorized-keys.js';
import { parsePrincipals } from '../../../src/openssh/principals.js';
import { account, expected, file, not, NOW, ok, policy } from '../../helpers/actor-facts.js';
import { sshdCase, sshdFacts } from '../sshd-cases.js';

function publicKey(type: string, ...parts: readonly (string | Uint8Array)[]): string {
  const blob = Buffer.concat(
    [type, ...parts].flatMap((part) => {
      const bytes = Buffer.from(part);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
  return `${type} ${blob.toString('base64')}`;
}
export const KEY = publicKey('ssh-ed25519', Buffer.alloc(32, 1));
export const FIDO = publicKey('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 2), 'ssh:');

export function keys(name: string, text: string, effective = true): AuthorizedKeysFile {
  const path = `/home/${name}/.ssh/authorized_keys`;
  return { account: name, file: file(path), lines: parseAuthorizedKeys(text), effective };
}
export function principals(name: string, text: string): PrincipalsFile {
  return { account: name, file: file(`/etc/ssh/auth_principals/${name}`), lines: parsePrincipals(text) };
}
/** A case for these accounts, everything else as 9.2 prints it by default. */
export function caseFor(names: readonly string[], printed = ''): SshdCase {
  const defaults =
    'allowtcpforwarding yes\npermitopen any\npermitlisten any\nallowstreamlocalforwarding yes\npermittunnel no\nforcecommand none\nsubsystem sftp /usr/lib/openssh/sftp-server\n';
  const base = sshdCase('');
  return {
    ...base,
    accounts: names,
    settings: { ...base.settings, ...parseSshdT(defaults), ...parseSshdT(printed) },
  };
}

export interface Given {
  readonly sshd?: string;
  readonly shell?: string;
  readonly name?: string;
  readonly keys?: string;
  readonly principals?: string;
  readonly more?: Partial<CheckInput['host']>;
  readonly fleet?: Partial<CheckInput['fleet']>;
  readonly expected?: Parameters<typeof expected>[0];
  readonly policy?: Parameters<typeof policy>[0];
  readonly account?: Parameters<typeof account>[1];
}

/** One account with its lines, on one kind of connection, judged by one check. */
export function judged(check: AnyCheck, given: Given): Outcome {
  const name = given.name ?? 'alice';
  return check.evaluate({
    host: {
      accounts: ok([account(name, { shell: given.shell ?? '/bin/bash', ...given.account })]),
      sshd: ok(sshdFacts(caseFor([name], given.sshd))),
      authorizedKeys: ok(given.keys === undefined ? [] : [keys(name, given.keys)]),
      principalsFiles: ok(given.principals === undefined ? [] : [principals(name, given.principals)]),
      ...given.more,
    },
    fleet: { attestations: ok([]), certificateLog: not(), ...given.fleet },
    expected: expected(given.expected),
    policy: policy(given.policy),
    now: NOW,
  });
}

/** `pass`, `fail: subject, subject`, or `unknown: reason`. */
export function told(outcome: Outcome): string {
  if (outcome.status === 'pass') return 'pass';
  if (outcome.status === 'unknown') return `unknown: ${outcome.reason}`;
  return `fail: ${outcome.findings.map(({ subject }) => subject).join(', ')}`;
}
export function text(outcome: Outcome): string {
  return JSON.stringify(outcome);
}
