/**
 * Certificates and private keys found lying on a host, from the `credentials` probe.
 * Sources: PROTOCOL.certkeys, PROTOCOL.key, ssh-keygen(1).
 */
import type { HostEvidence, Reading } from '../model.js';
import { parseCertificateLine, type ParsedCertificate } from '../openssh/certificate.js';
import { classifyPrivateKey } from '../openssh/private-key.js';
import type { PrivateKeyClass } from '../openssh/private-key-class.js';
import { fingerprint, parsePublicKeyLine } from '../openssh/public-key.js';
import { identifySpki } from '../openssh/spki.js';
import { parseStat, probeReading, records, toldGaps, wordInteger, wordText } from './reading.js';
import type { Certificate, FileStat, FoundCertificate, FoundPrivateKey } from './types.js';

interface FoundFile {
  readonly path: string;
  readonly owner: string;
  readonly stat: FileStat;
}

interface Search {
  readonly files: ReadonlyMap<string, FoundFile>;
  readonly rows: readonly (readonly string[])[];
  readonly gaps: readonly string[];
}

/** Every certificate, whoever signed it, in the order of the files. */
export function readCertificates(evidence: HostEvidence): Reading<readonly FoundCertificate[]> {
  const search = readSearch(evidence);
  if (!search.ok) return search;
  const { files, rows } = search.value;
  const gaps = [...search.gaps];
  const value = rows.flatMap(([kind, number = '', line, type = '', base64 = '']): FoundCertificate[] => {
    const file = files.get(number);
    if (kind !== 'c' || file === undefined) return [];
    const parsed = parseCertificateLine(`${type} ${base64}`);
    if ('problem' in parsed) {
      gaps.push(`a certificate in ${file.path} could not be read: ${parsed.problem}`);
      return [];
    }
    return [{ ...file, line: Math.max(1, wordInteger(line)), certificate: plain(parsed) }];
  });
  return { ok: true, value, gaps };
}

/** Every private key, in the order of the files; several of one file each by themselves. */
export function readPrivateKeys(evidence: HostEvidence): Reading<readonly FoundPrivateKey[]> {
  const search = readSearch(evidence);
  if (!search.ok) return search;
  const { files, rows } = search.value;
  const value = rows.flatMap((row): FoundPrivateKey[] => {
    const file = files.get(row[1] ?? '');
    if (file === undefined) return [];
    const found = row[0] === 'k' ? textKey(row, rows) : row[0] === 'b' ? binaryKey(row, rows) : null;
    return found === null ? [] : [{ ...file, ...found }];
  });
  return { ok: true, value, gaps: search.gaps };
}

function readSearch(evidence: HostEvidence): Reading<Search> {
  const probe = probeReading(evidence, 'credentials');
  if (!probe.ok) return probe;
  const rows = records(probe.value);
  const gaps = [...probe.gaps, ...toldGaps(rows)];
  // No closing record: the search itself did not end, whatever it found before.
  if (!rows.some(([kind]) => kind === 'looked'))
    gaps.push('the search for keys and certificates did not finish');
  const files = new Map<string, FoundFile>();
  for (const [kind, number = '', path, owner, ...stat] of rows) {
    if (kind !== 'f') continue;
    const file = { path: wordText(path), owner: wordText(owner), stat: parseStat(wordText(path), stat) };
    files.set(number, { ...file, owner: file.owner === 'UNKNOWN' ? `uid ${file.stat.uid}` : file.owner });
  }
  return { ok: true, value: { files, rows, gaps }, gaps };
}

/** What checks are given: no buffers. */
function plain(parsed: ParsedCertificate): Certificate {
  const {
    plainBlob: _plain,
    caBlob: _ca,
    signedBytes: _signed,
    signature: _signature,
    ...certificate
  } = parsed;
  return certificate;
}

/** `k N line label encrypted head [type]`: the armour is put together again and classified like a file's own. */
function textKey(
  [, number, line, label = '', encrypted, head = '-', type = '-']: readonly string[],
  rows: readonly (readonly string[])[],
): (PrivateKeyClass & { line: number }) | null {
  const found = classifyPrivateKey(
    Buffer.from(armour(label, encrypted === '1', head === '-' ? '' : head, type)),
  );
  const told = found?.fingerprint === undefined ? publicHalf(rows, number, line) : {};
  // A header that could not be read shows no protection.
  const unread = label === 'OPENSSH' && head === '-' ? { encrypted: false } : {};
  return found && { ...found, ...unread, ...told, line: Math.max(1, wordInteger(line)) };
}

function armour(label: string, encrypted: boolean, head: string, type: string): string {
  if (label === 'PUTTY')
    return `PuTTY-User-Key-File-3: ${type}\nEncryption: ${encrypted ? 'aes256-cbc' : 'none'}\nPublic-Lines: 1\n${head}\n`;
  if (label === 'SSH2') return '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n';
  const name = label === '-' ? '' : `${label.replaceAll('_', ' ')} `;
  const header = encrypted ? 'Proc-Type: 4,ENCRYPTED\n' : '';
  return `-----BEGIN ${name}PRIVATE KEY-----\n${header}${head}\n`;
}

function binaryKey(
  [, number, hex = '']: readonly string[],
  rows: readonly (readonly string[])[],
): PrivateKeyClass | null {
  const found = classifyPrivateKey(Buffer.from(hex, 'hex'));
  return found && { ...found, ...(found.fingerprint === undefined && publicHalf(rows, number, '0')) };
}

/** Told by the host's own tools from the key itself; else by the .pub file beside it. */
function publicHalf(
  rows: readonly (readonly string[])[],
  number: string | undefined,
  line: string | undefined,
): Pick<FoundPrivateKey, 'keyType' | 'fingerprint'> {
  const own = rows.filter((row) => row[1] === number);
  const told = own
    .filter(([kind, , at]) => (kind === 'p' || kind === 'q') && at === line)
    .map(([kind, , , ...words]) =>
      kind === 'p' ? publicLine(words.join(' ')) : identifySpki(Buffer.from(words[0] ?? '', 'base64')),
    );
  const beside = own.filter(([kind]) => kind === 'u').map((row) => publicLine(wordText(row[2])));
  return [...told, ...beside].find((half) => half !== null) ?? {};
}

type PublicHalf = { readonly keyType: string; readonly fingerprint: string };

function publicLine(text: string): PublicHalf | null {
  const parsed = parsePublicKeyLine(text.trim());
  return parsed && { keyType: parsed.type, fingerprint: fingerprint(parsed.blob) };
}
