/** CAs in authorized_keys, beside the one the host trusts. Source: sshd(8), AUTHORIZED_KEYS FILE FORMAT. */
import type { AuthorizedKeysFile } from '../../src/facts/types.js';
import type { Finding } from '../../src/model.js';
import { excerpt } from './law.js';

/** `cert-authority` lines: each makes a second CA that AuthorizedPrincipalsFile does not bind. One finding a line. */
export function certAuthorityFindings(files: readonly AuthorizedKeysFile[], says: string): Finding[] {
  const seen = new Set<string>();
  return files.flatMap(({ account, file: { path }, lines, effective }) =>
    lines
      .filter(
        (line) =>
          line.valid &&
          line.certAuthority &&
          !seen.has(`${path}:${line.line}`) &&
          seen.add(`${path}:${line.line}`),
      )
      .map((line): Finding => {
        const named = line.options.find(({ name }) => name === 'principals')?.value;
        const whom = account === null ? 'an account that does not exist yet' : `account ${account}`;
        const today = effective
          ? ''
          : ' No configuration makes sshd read this file today; one changed line would.';
        return {
          subject: `${path}:${line.line}`,
          message: `${path}:${line.line} makes ${line.key?.fingerprint ?? 'a key'} a CA for ${whom}, past TrustedUserCAKeys: its holder logs in with a certificate for ${named === undefined ? 'the account’s own name' : `“${named}”`}, and AuthorizedPrincipalsFile is not asked. ${says}${today}`,
          evidence: [{ probe: 'authorized-keys', path, line: line.line, excerpt: excerpt(line.text) }],
          at: { path, line: line.line },
          remediation: `Delete line ${line.line} of ${path}.`,
        };
      }),
  );
}
