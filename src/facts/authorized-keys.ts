/** Every authorized_keys file sshd may read, and those it merely could. Source: sshd(8), AUTHORIZED_KEYS FILE FORMAT. */
import type { HostEvidence, Reading } from '../model.js';
import { parseAuthorizedKeys } from '../openssh/authorized-keys.js';
import { fileText, foundFiles } from './lookup-paths.js';
import type { AuthorizedKeyLine, AuthorizedKeysFile, CollectedFile, SshdFacts } from './types.js';

/** One entry for every account and file; a file that several accounts share comes once for each. */
export function readAuthorizedKeys(
  evidence: HostEvidence,
  sshd: Reading<SshdFacts>,
): Reading<readonly AuthorizedKeysFile[]> {
  const found = foundFiles(evidence, 'authorized-keys', 'authorizedkeysfile', sshd);
  if (!found.ok) return found;
  const parsed = new Map<CollectedFile, readonly AuthorizedKeyLine[]>();
  const linesOf = (file: CollectedFile) => {
    const lines = parsed.get(file) ?? parseAuthorizedKeys(fileText(file));
    parsed.set(file, lines);
    return lines;
  };
  return {
    ok: true,
    value: found.value.map(({ account, file, effective }) => ({
      account,
      file,
      lines: linesOf(file),
      effective,
    })),
    gaps: found.gaps,
  };
}
