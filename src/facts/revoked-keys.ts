/** Revocation lists in force. Source: sshd_config(5), RevokedKeys; PROTOCOL.krl. */
import type { HostEvidence, Reading } from '../model.js';
import { isRevoked, parseRevokedKeys } from '../openssh/krl.js';
import { fingerprint, parsePublicKeyLine } from '../openssh/public-key.js';
import { fileGaps, fileText } from './lookup-paths.js';
import { collectedFiles, gapsOf, probeReading, records, toldGaps } from './reading.js';
import type { CollectedFile, RevokedKeysFile } from './types.js';

/** One entry for every file any effective configuration names, missing ones included (`format: 'invalid'`). */
export function readRevokedKeys(evidence: HostEvidence): Reading<readonly RevokedKeysFile[]> {
  const output = probeReading(evidence, 'revoked-keys');
  if (!output.ok) return output;
  const rows = records(output.value);
  const files = collectedFiles(rows);
  const cas = caBlobs(evidence);
  const value = files.map((file) => revokedKeysFile(file, cas.ok ? cas.value : []));
  const noCas = files.length > 0 ? gapsOf(cas) : [];
  return { ok: true, value, gaps: [...output.gaps, ...toldGaps(rows), ...fileGaps(files), ...noCas] };
}

function revokedKeysFile(file: CollectedFile, cas: readonly Buffer[]): RevokedKeysFile {
  const nothing = { file, keys: [], serials: [], keyIds: [], caKeys: [] };
  if (file.status === 'missing') return { ...nothing, format: 'invalid', detail: 'the file does not exist' };
  if (file.status === 'not-regular')
    return { ...nothing, format: 'invalid', detail: `it is no regular file but a ${file.stat.kind}` };
  if (file.status !== 'ok') return { ...nothing, format: 'empty', detail: 'it could not be read whole' };
  const parsed = parseRevokedKeys(file.bytes);
  const { format, detail, keys, serials, keyIds, caKeys, krlVersion } = parsed;
  // An invalid list refuses every key: that is one problem of its own, not a revocation of each CA.
  const revokedCas =
    format === 'invalid'
      ? []
      : cas.filter((blob) => isRevoked(parsed, { blob })).map((blob) => fingerprint(blob));
  return {
    file,
    format,
    detail,
    keys,
    serials,
    keyIds,
    caKeys,
    revokedCas: [...new Set(revokedCas)],
    ...(krlVersion !== undefined && { krlVersion }),
  };
}

/** Every public key on any line of the CA files. */
function caBlobs(evidence: HostEvidence): Reading<readonly Buffer[]> {
  const output = probeReading(evidence, 'ca-keys');
  if (!output.ok) return output;
  const lines = collectedFiles(records(output.value)).flatMap((file) => fileText(file).split('\n'));
  const value = lines.flatMap((line) => parsePublicKeyLine(line)?.blob ?? []);
  return { ok: true, value, gaps: output.gaps };
}
