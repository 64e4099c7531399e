/** The lists of keys and certificates a host refuses. Source: sshd_config(5), RevokedKeys; ssh-keygen(1), KRLs. */
import type { RevokedKeysFile } from '../../src/facts/types.js';
import type { Finding } from '../../src/model.js';
import { unsafeFile } from './files.js';
import { excerpt } from './law.js';

/** RevokedKeys files that are broken, revoke an expected CA, or can be changed by others. */
export function revocationFindings(
  { file, format, detail, revokedCas = [] }: RevokedKeysFile,
  wanted: ReadonlySet<string>,
): Finding[] {
  const { path } = file;
  const finding = (subject: string, message: string, remediation: string): Finding => ({
    subject,
    message,
    evidence: [{ probe: 'revoked-keys', path, excerpt: excerpt(detail) }],
    at: { path },
    remediation,
  });
  const broken =
    format === 'invalid'
      ? [
          finding(
            path,
            `RevokedKeys names ${path}, but ${detail}. sshd then refuses every key and every certificate, emergency keys included: nobody gets in, until somebody opens another way.`,
            `Install a list made by \`ssh-keygen -k -f ${path}\` (an empty file revokes nothing), or remove RevokedKeys.`,
          ),
        ]
      : [];
  const revoked = revokedCas
    .filter((fingerprint) => wanted.has(fingerprint))
    .map((fingerprint) =>
      finding(
        `${path} revokes ${fingerprint}`,
        `${path} revokes the expected CA ${fingerprint}: all its certificates are refused, and people fall back on other ways in.`,
        `Make the list anew without the CA's key, or replace the CA everywhere if it is compromised.`,
      ),
    );
  const unsafe =
    file.status === 'missing'
      ? []
      : unsafeFile(file).map((problem) =>
          finding(
            problem,
            `${problem}. Whoever writes there takes a stolen certificate off the list, or locks everybody out.`,
            `chown root:root and chmod go-w, for ${path} and for every folder above it.`,
          ),
        );
  return [...broken, ...revoked, ...unsafe];
}
