/** Principals files as sshd treats them: who can change them, who can read them, which lines count. Source: auth2-pubkey.c. */
import type { Account, PrincipalLine, PrincipalsFile } from '../../src/facts/types.js';
import type { Finding } from '../../src/model.js';
import { octal, readableBy, unsafeFile, unseenFolders } from './files.js';
import { excerpt, type Missing } from './law.js';

const refer = (path: string, text: string, line?: number) => [
  { probe: 'principals', path, ...(line !== undefined && { line }), excerpt: excerpt(text) },
];

/** Owner, mode and kind of one file for the account it serves. */
export function fileFindings({ account, file }: PrincipalsFile, accounts: readonly Account[]): Finding[] {
  const { path, stat, status } = file;
  const who = accounts.find(({ name }) => name === account);
  const shown = `owner ${stat.uid}, mode ${octal(stat.mode)}`;
  if (account === null || status === 'missing') return [];
  if (status === 'not-regular') {
    return [
      {
        subject: path,
        message: `${path} is no regular file but a ${stat.kind}: sshd refuses it, and no certificate opens ${account}.`,
        evidence: refer(path, stat.kind),
        at: { path },
        remediation: `Replace it by a regular file, root:root, mode 644.`,
      },
    ];
  }
  const unsafe = unsafeFile(file).map((problem): Finding => {
    const own = who !== undefined && who.uid !== 0 && stat.uid === who.uid;
    const gain = own
      ? `sshd accepts that, so ${account} writes himself the principals he likes`
      : 'whoever can write there decides who logs in, or sshd refuses the file and nobody does';
    return {
      subject: problem,
      message: `${problem}: ${gain}.`,
      evidence: refer(path, shown),
      at: { path },
      remediation: `chown root:root ${path} && chmod 644 ${path}, and root:root 755 for every folder above it.`,
    };
  });
  if (who === undefined || readableBy(file, who) !== false) return unsafe;
  return [
    ...unsafe,
    {
      subject: `${path} unreadable`,
      message: `${account} cannot read ${path} (${shown}) or a folder above it, and sshd reads it with the rights of the account: every certificate is refused, and people fall back on other ways in.`,
      evidence: refer(path, shown),
      at: { path },
      remediation: `chmod 644 ${path}, and 755 for the folders above it.`,
    },
  ];
}

/** What could not be told about one file. */
export function fileUnknowns(one: PrincipalsFile, accounts: readonly Account[]): Missing[] {
  const { account, file } = one;
  if (account === null || file.status !== 'ok') return [];
  const who = accounts.find(({ name }) => name === account);
  const reading =
    who && readableBy(file, who) === null
      ? [
          `whether ${account} can read ${file.path} hangs on the groups of the account (mode ${octal(file.stat.mode)}, group ${file.stat.gid})`,
        ]
      : [];
  return [...unseenFolders(file), ...reading].map((detail) => ({ reason: 'no-evidence', detail }));
}

/** Lines that grant nothing, or not what they seem to. */
export function lineFindings({ account, file: { path }, lines }: PrincipalsFile): Finding[] {
  if (account === null) return [];
  return lines
    .filter((line) => !counts(line))
    .map((line) => ({
      subject: `${path}:${line.line}`,
      message: `${path}:${line.line} does not say what it seems to: ${line.problem ?? 'sshd ignores it'}. Who reads the file is misled about who may log in as ${account}.`,
      evidence: refer(path, line.text, line.line),
      at: { path, line: line.line },
      remediation:
        'Write one principal on a line, without carriage return or byte-order mark; options go before it, separated by commas.',
    }));
}

/** sshd honours the line and means what it says. */
export function counts(line: PrincipalLine): boolean {
  return line.valid && line.problem === undefined;
}
