/** The file of CA keys a host trusts, and what undoes that trust. Source: sshd_config(5), TrustedUserCAKeys. */
import type { CaFile } from '../../src/facts/types.js';
import type { CaExpectation, Finding } from '../../src/model.js';
import { octal, unsafeFile } from './files.js';
import { excerpt } from './law.js';

/** Faults of the one file TrustedUserCAKeys may name. sshd checks neither its owner nor its mode. */
export function caFileFindings({ file, trusted, stoppedAt }: CaFile, ca: CaExpectation): Finding[] {
  const { path, status, stat } = file;
  const at = { path };
  if (status === 'missing') {
    return [
      {
        subject: path,
        message: `${path}, which TrustedUserCAKeys names, does not exist: no certificate is accepted. The way in is whatever else is left, and whoever can create the file chooses the CA.`,
        evidence: [{ probe: 'ca-keys', path, excerpt: 'missing' }],
        at,
        remediation: `Install the CA's public key as ${path}, root:root, mode 644.`,
      },
    ];
  }
  if (status === 'not-regular') {
    return [
      {
        subject: path,
        message: `${path}, which TrustedUserCAKeys names, is no regular file but a ${stat.kind}: what sshd reads from it can differ from one login to the next.`,
        evidence: [{ probe: 'ca-keys', path, excerpt: stat.kind }],
        at,
        remediation: `Replace ${path} by a regular file with the CA's public key.`,
      },
    ];
  }
  const unsafe = unsafeFile(file).map((problem): Finding => ({
    subject: problem,
    message: `${problem}. sshd does not check this: whoever writes there adds a CA of his own and logs in as any account.`,
    evidence: [{ probe: 'ca-keys', path, excerpt: `owner ${stat.uid}, mode ${octal(stat.mode)}` }],
    at,
    remediation: `chown root:root and chmod go-w, for ${path} and for every folder above it.`,
  }));
  if (status !== 'ok') return unsafe;
  return [...unsafe, ...keyFindings({ file, trusted, ...(stoppedAt && { stoppedAt }), accounts: [] }, ca)];
}

function keyFindings(
  { file: { path }, trusted, stoppedAt }: CaFile,
  { fingerprints }: CaExpectation,
): Finding[] {
  const loaded = new Set(trusted.map(({ fingerprint }) => fingerprint));
  const dead = new Set(stoppedAt?.deadKeys.map(({ fingerprint }) => fingerprint));
  const absent = fingerprints
    .filter((fingerprint) => !loaded.has(fingerprint))
    .map((fingerprint): Finding => {
      const hidden = stoppedAt && dead.has(fingerprint);
      return {
        subject: `${path} lacks ${fingerprint}`,
        message: hidden
          ? `The expected CA ${fingerprint} stands in ${path} but sshd does not trust it: it stops reading at line ${stoppedAt.line}, which is no plain public key, and ignores everything from there on. Certificates are refused, and people fall back on other ways in.`
          : `The expected CA ${fingerprint} is not in ${path}: its certificates are refused, and people fall back on other ways in.`,
        evidence: [
          stoppedAt
            ? { probe: 'ca-keys', path, line: stoppedAt.line, excerpt: excerpt(stoppedAt.text) }
            : { probe: 'ca-keys', path, excerpt: `trusted: ${[...loaded].join(', ') || 'no key'}` },
        ],
        at: { path, ...(stoppedAt && { line: stoppedAt.line }) },
        remediation: hidden
          ? `Delete line ${stoppedAt.line} of ${path}, or make it a plain key without options. Check with \`ssh-keygen -lf ${path}\`: it must print every key, and it skips bad lines silently.`
          : `Add the CA's public key to ${path}.`,
      };
    });
  const extra =
    fingerprints.length === 0
      ? []
      : trusted
          .filter(({ fingerprint }) => !fingerprints.includes(fingerprint))
          .map((key): Finding => ({
            subject: `${path} trusts ${key.fingerprint}`,
            message: `${path}:${key.line} trusts another CA, ${key.fingerprint} (${key.type}${key.comment ? `, “${key.comment}”` : ''}): whoever holds its private key issues certificates for every account of this host.`,
            evidence: [
              {
                probe: 'ca-keys',
                path,
                line: key.line,
                excerpt: excerpt(`${key.type} ${key.fingerprint} ${key.comment}`),
              },
            ],
            at: { path, line: key.line },
            remediation: `Delete line ${key.line} of ${path}; or, if this CA is meant to be trusted, add its fingerprint to ca.fingerprints of the inventory.`,
          }));
  const nothing =
    fingerprints.length === 0 && trusted.length === 0
      ? [
          {
            subject: path,
            message: `sshd trusts no key of ${path}: every certificate is refused.`,
            evidence: [
              {
                probe: 'ca-keys',
                path,
                ...(stoppedAt && { line: stoppedAt.line }),
                excerpt: excerpt(stoppedAt?.text ?? 'no key'),
              },
            ],
            at: { path },
            remediation: `Put the CA's public key into ${path}.`,
          },
        ]
      : [];
  return [...absent, ...extra, ...nothing];
}
