/** Where sshd takes principals from. Source: sshd_config(5), AuthorizedPrincipalsFile; servconf.c. */
import type { MatchBlock, SshdCase, SshdFacts, SshdVersion } from '../../src/facts/types.js';
import type { Finding, Reading } from '../../src/model.js';
import { valueOf, type Fault } from './settings.js';

const NAME = 'AuthorizedPrincipalsFile';

export function principalFaults(one: SshdCase, expected: string): Fault[] {
  const faults: Fault[] = [];
  const file = valueOf(one, 'authorizedprincipalsfile');
  const command = valueOf(one, 'authorizedprincipalscommand');
  if (one.settings['authorizedprincipalsfile'] && file === null) {
    faults.push({
      name: NAME,
      says: 'is not set: a certificate opens every account it names as a principal, root included, and the inventory has no say',
      wanted: expected,
    });
  } else if (file !== null && file !== expected) {
    faults.push({ name: NAME, says: `is ${file} and not ${expected}: ${gain(file)}`, wanted: expected });
  }
  if (command !== null) {
    faults.push({
      name: 'AuthorizedPrincipalsCommand',
      says: `runs ${command}, which is asked as well when the file does not match: it grants what no file shows`,
      wanted: 'none',
    });
  }
  return faults;
}

function gain(file: string): string {
  const own = !file.startsWith('/') || file.startsWith('/home/') || file.includes('%h');
  return own
    ? 'it lies in the user’s own home, so he writes himself the principals he likes'
    : 'who may log in is decided in a file that is not the directive’s';
}

/**
 * `AuthorizedPrincipalsFile none` in a Match block: up to 10.5 sshd takes it for the file `none` in the user's home,
 * although `sshd -T` prints `none`.
 */
export function noneInMatch(sshd: Reading<SshdFacts>): Finding[] {
  if (!sshd.ok) return [];
  const { version, matchBlocks } = sshd.value;
  return matchBlocks.flatMap((block) => noneFinding(block, version));
}

function noneFinding({ criteria, settings }: MatchBlock, version: SshdVersion | null): Finding[] {
  const set = settings['authorizedprincipalsfile'];
  if (set?.value.toLowerCase() !== 'none') return [];
  const fixed = version !== null && (version.major > 10 || (version.major === 10 && version.minor > 5));
  const { at } = set;
  const gains = fixed
    ? 'a certificate then opens every account it names as a principal'
    : 'this sshd takes that for the file `none` in the user’s home, whatever `sshd -T` prints: whoever writes a principal into ~/none lets its holders in';
  return [
    {
      subject: `${at.path}:${at.line}`,
      message: `${at.path}:${at.line} sets ${NAME} none inside \`Match ${criteria}\`: ${gains}.`,
      evidence: [
        {
          probe: 'sshd',
          path: at.path,
          line: at.line,
          excerpt: `Match ${criteria}: ${NAME} ${set.value}`.slice(0, 300),
        },
      ],
      at,
      remediation: `Delete line ${at.line} of ${at.path}: without it the global value holds. Check with \`sshd -t\`, then reload sshd.`,
    },
  ];
}

/** 8.7 to 9.3 ignore AuthorizedPrincipalsCommand where AuthorizedKeysCommand was set before it. */
export function sleepingCommand(sshd: Reading<SshdFacts>): string[] {
  if (!sshd.ok || !sshd.value.version) return [];
  const { major, minor } = sshd.value.version;
  const ignores = (major === 8 && minor >= 7) || (major === 9 && minor <= 3);
  if (!ignores || sshd.value.cases.some((one) => valueOf(one, 'authorizedprincipalscommand') !== null))
    return [];
  return sshd.value.files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        /^\s*AuthorizedPrincipalsCommand[\s=]+(?!none\b)/i.test(line)
          ? [
              `${path}:${index + 1} sets AuthorizedPrincipalsCommand, which this version ignores; from 9.4 on it is obeyed.`,
            ]
          : [],
      ),
  );
}
