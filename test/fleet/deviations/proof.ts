/** Proofs that several deviations share: shell that must end with 0 inside the host. */

/**
 * What sshd itself says a login of `account` from `address` gets, e.g. `permitrootlogin yes`.
 * LogLevel QUIET is printed as SILENT, the first of its two names.
 */
export function effective(line: string, account = 'ops', address = '127.0.0.1'): string {
  return `sshd -T -C "user=${account},host=h,addr=${address},laddr=127.0.0.1,lport=22" | grep -qxi '${line}'`;
}

/** Some file has this line, as an extended regular expression. */
export function holds(path: string, pattern: string): string {
  return `grep -qE -- '${pattern}' ${path}`;
}

/** The plain static key of the lab opens this account: a login that should not be possible is. */
export const STATIC_LOGIN = (account: string) =>
  ({ account, keyId: 'static', principals: [], validity: '+1h', staticKey: true }) as const;

/** The configuration was edited well after the daemon started, whatever the resolution of the clocks. */
export const LATER = 'touch -d "@$(($(date +%s) + 3))" /etc/ssh/sshd_config';
