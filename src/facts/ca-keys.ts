/** The CA keys this host trusts for users. Source: sshd_config(5), TrustedUserCAKeys. */
import type { HostEvidence, Reading } from '../model.js';
import { parseCaKeys } from '../openssh/ca-keys.js';
import { fileGaps, fileText } from './lookup-paths.js';
import { collectedFiles, probeReading, records, toldGaps } from './reading.js';
import type { CaFile, SshdFacts } from './types.js';

/** One entry for every file any effective configuration names, missing ones included. */
export function readCaFiles(evidence: HostEvidence, sshd: Reading<SshdFacts>): Reading<readonly CaFile[]> {
  const output = probeReading(evidence, 'ca-keys');
  if (!output.ok) return output;
  const rows = records(output.value);
  const files = collectedFiles(rows);
  const value = files.map((file): CaFile => ({
    file,
    ...parseCaKeys(fileText(file)),
    accounts: accountsOf(sshd, file.path),
  }));
  return {
    ok: true,
    value,
    gaps: [
      ...output.gaps,
      ...toldGaps(rows),
      ...fileGaps(files),
      ...unread(sshd, new Set(files.map(({ path }) => path))),
    ],
  };
}

const casesOf = (sshd: Reading<SshdFacts>) => (sshd.ok ? sshd.value.cases : []);

function accountsOf(sshd: Reading<SshdFacts>, path: string): string[] {
  const accounts = casesOf(sshd).flatMap((one) =>
    one.settings['trustedusercakeys']?.includes(path) ? one.accounts : [],
  );
  return [...new Set(accounts)].toSorted();
}

function unread(sshd: Reading<SshdFacts>, read: ReadonlySet<string>): string[] {
  if (!sshd.ok)
    return [`sshd's configuration is not known (${sshd.detail}), so it is not known which CA files it reads`];
  const paths = new Set(casesOf(sshd).flatMap(({ settings }) => settings['trustedusercakeys'] ?? []));
  return [...paths]
    .filter((path) => path !== '' && path.toLowerCase() !== 'none' && !read.has(path))
    .map((path) => `the CA file ${path} was not collected`);
}
