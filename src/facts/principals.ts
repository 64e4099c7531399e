/** Every principals file sshd reads, and what else lies in their folders. Source: sshd_config(5), AuthorizedPrincipalsFile. */
import type { HostEvidence, Reading } from '../model.js';
import { parsePrincipals } from '../openssh/principals.js';
import { fileText, foundFiles } from './lookup-paths.js';
import type { PrincipalLine, PrincipalsFile, CollectedFile, SshdFacts } from './types.js';

/** One entry for every account that a file serves; a file that serves nobody comes once, with account null. */
export function readPrincipals(
  evidence: HostEvidence,
  sshd: Reading<SshdFacts>,
): Reading<readonly PrincipalsFile[]> {
  const found = foundFiles(evidence, 'principals', 'authorizedprincipalsfile', sshd);
  if (!found.ok) return found;
  const parsed = new Map<CollectedFile, readonly PrincipalLine[]>();
  const linesOf = (file: CollectedFile) => {
    const lines = parsed.get(file) ?? parsePrincipals(fileText(file));
    parsed.set(file, lines);
    return lines;
  };
  const used = found.value.filter(({ effective }) => effective);
  const serving = new Set(used.map(({ file }) => file));
  const idle = new Set(found.value.map(({ file }) => file).filter((file) => !serving.has(file)));
  const value = [
    ...used.map(({ account, file }) => ({ account, file, lines: linesOf(file) })),
    ...[...idle].map((file) => ({ account: null, file, lines: linesOf(file) })),
  ];
  return { ok: true, value, gaps: found.gaps };
}
