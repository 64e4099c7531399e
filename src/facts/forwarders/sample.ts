/**
 * sshd's line about a certificate login, as a log daemon sees it: the parts that are always the same, and holes for
 * what differs. Filters are judged by what they do to it: true or false for every such line, null when it depends.
 */

/** A part that is always there, or a hole: one or more characters of a kind. */
type Part = string | RegExp;

export interface Pattern {
  readonly parts: readonly Part[];
}

/** Null: not known, or not the same for every login. */
export type Truth = boolean | null;

export interface Sample {
  readonly facility: number;
  readonly severity: number;
  readonly program: string;
  readonly input: 'imuxsock' | 'imjournal' | 'imfile';
}

export const FACILITIES = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'audit',
  'alert',
  'clock',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const;
export const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
/** sshd logs logins at this severity (auth.c, SYSLOG_LEVEL_INFO). */
export const INFO = 6;

const NAME = /[A-Za-z0-9_.$@-]/;
const ADDRESS = /[0-9A-Fa-f.:%A-Za-z_-]/;
const DIGIT = /[0-9]/;
const TYPE = /[A-Z0-9-]/;
const FINGERPRINT = /[A-Za-z0-9+/:]/;
/** By convention a key ID holds no blank; one that does is judged as free text elsewhere. */
const KEY_ID = /[^\s]/;
const ANY = /[^\n]/;

const LOGIN: readonly Part[] = [
  'Accepted publickey for ',
  NAME,
  ' from ',
  ADDRESS,
  ' port ',
  DIGIT,
  ' ssh2: ',
  TYPE,
  '-CERT ',
  FINGERPRINT,
  ' ID ',
  KEY_ID,
  ' (serial ',
  DIGIT,
  ') CA ',
  TYPE,
  ' SHA256:',
  FINGERPRINT,
];

/** The message; syslog(3) leaves a blank between tag and text, journald none. */
export function messageOf(sample: Sample): Pattern {
  return { parts: sample.input === 'imuxsock' ? [' ', ...LOGIN] : LOGIN };
}

export function tagOf(sample: Sample): Pattern {
  return { parts: [`${sample.program}[`, DIGIT, ']:'] };
}

export function rawOf(sample: Sample): Pattern {
  return { parts: [ANY, ` ${sample.program}[`, DIGIT, ']: ', ...LOGIN] };
}

/** Whether every such line contains the text; false when none can. */
export function contains({ parts }: Pattern, text: string): Truth {
  if (text === '' || fixedRuns(parts).some((part) => part.includes(text))) return true;
  return possible(parts, text, false) ? null : false;
}

export function startsWith({ parts }: Pattern, text: string): Truth {
  const first = fixedRuns(parts)[0];
  if (typeof parts[0] === 'string' && first?.startsWith(text)) return true;
  return possible(parts, text, true) ? null : false;
}

function fixedRuns(parts: readonly Part[]): string[] {
  return parts.reduce<string[]>((runs, part, at) => {
    if (typeof part !== 'string') return runs;
    return typeof parts[at - 1] === 'string'
      ? [...runs.slice(0, -1), `${runs.at(-1) ?? ''}${part}`]
      : [...runs, part];
  }, []);
}

/** A position in the pattern: which element, where a hole may take one character and stay. */
function possible(parts: readonly Part[], text: string, atStart: boolean): boolean {
  const elements: readonly Part[] = parts.flatMap((part): Part[] =>
    typeof part === 'string' ? [...part] : [part],
  );
  let states = new Set(atStart ? [0] : elements.keys());
  for (const character of text.slice(0, 300)) {
    const next = new Set<number>();
    for (const state of states) {
      const element = elements[state];
      if (element === undefined) continue;
      if (typeof element === 'string') {
        if (element === character) next.add(state + 1);
      } else if (element.test(character)) next.add(state).add(state + 1);
    }
    if (next.size === 0) return false;
    states = next;
  }
  return true;
}

/** `not` that keeps null. */
export function not(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

export function and(...truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.includes(null) ? null : true;
}

export function or(...truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true;
  return truths.includes(null) ? null : false;
}
