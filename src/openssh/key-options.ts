/**
 * Options in front of a key or a principal (sshd(8), AUTHORIZED_KEYS FILE FORMAT; auth-options.c).
 * One option sshd does not know makes it ignore the whole line.
 */

interface KeyOption {
  /** Lower-cased, with its `no-` when it has one. */
  readonly name: string;
  /** Unquoted; '' for flags. */
  readonly value: string;
}

type OptionsResult = { readonly options: readonly KeyOption[]; readonly problem?: string };

const FLAGS: readonly { readonly name: string; readonly negatable: boolean }[] = [
  { name: 'restrict', negatable: false },
  { name: 'cert-authority', negatable: false },
  { name: 'port-forwarding', negatable: true },
  { name: 'agent-forwarding', negatable: true },
  { name: 'x11-forwarding', negatable: true },
  { name: 'touch-required', negatable: true },
  { name: 'verify-required', negatable: true },
  { name: 'pty', negatable: true },
  { name: 'user-rc', negatable: true },
];
const FLAG_NAMES = new Set(
  FLAGS.flatMap(({ name, negatable }) => (negatable ? [name, `no-${name}`] : [name])),
);

/** What is wrong with an option's value, or undefined. `seen` tells whether the option came before. */
type ValueRule = (value: string, seen: boolean) => string | undefined;

const once =
  (name: string): ValueRule =>
  (_value, seen) =>
    seen ? `multiple "${name}" clauses` : undefined;

const VALUES: Readonly<Record<string, ValueRule>> = {
  command: once('command'),
  principals: once('principals'),
  from: once('from'),
  'expiry-time': (value) => (isAbsoluteTime(value) ? undefined : 'invalid expires time'),
  environment: (value) => (/^[A-Za-z0-9_]+=/.test(value) ? undefined : 'invalid environment string'),
  permitopen: (value) => permitProblem(value),
  permitlisten: (value) => permitProblem(value.includes(':') ? value : `*:${value}`),
  tunnel: (value) => (/^any$/i.test(value) || isNumber(value, 0x7ffffffd) ? undefined : 'invalid tun device'),
};

/** As strtonum: blanks and a sign may come first. */
function isNumber(text: string, max: number): boolean {
  return /^[ \t\n\v\f\r]*\+?[0-9]{1,20}$/.test(text) && Number(text) <= max;
}

/** `host:port`, `[address]:port`, port `*`; a service name counts as a port, since the host may know it. */
function permitProblem(value: string): string | undefined {
  const match = /^(\[[^\]]*\]|[^:/[][^:/]*|)(?:[:/](.*))?$/s.exec(value);
  if (match === null || Buffer.byteLength(match[1] ?? '') >= 1025) return 'invalid permission hostname';
  const port = match[2] ?? '';
  const isPort = (isNumber(port, 65535) && Number(port) > 0) || /^[A-Za-z][\w.+-]*$/.test(port);
  return port === '*' || isPort ? undefined : 'invalid permission port';
}

/** `YYYYMMDD[HHMM[SS]]` with an optional `Z` or `UTC`, after 1970, as parse_absolute_time takes it. */
function isAbsoluteTime(value: string): boolean {
  const text = value.replace(/(?<=.)(?:Z|(?<=...)UTC)$/i, '');
  if (![8, 12, 14].includes(text.length)) return false;
  const fields = [text.slice(0, 4), ...(text.slice(4).match(/../gs) ?? [])];
  // strptime skips blanks before a number.
  if (!fields.every((field) => /^ *[0-9]+$/.test(field))) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields.map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 61) return false;
  return Date.UTC(year, month - 1, day, hour, minute, second) > 0 && year >= 1970;
}

/**
 * Where the options at the start of `line` end: the first blank outside quotes. Null when a quote is never closed.
 */
export function optionsEnd(line: string): number | null {
  let quoted = false;
  let at = 0;
  for (; at < line.length; at += 1) {
    const char = line[at];
    if (!quoted && (char === ' ' || char === '\t')) break;
    if (char === '\\' && line[at + 1] === '"') at += 1;
    else if (char === '"') quoted = !quoted;
  }
  return quoted ? null : Math.min(at, line.length);
}

/** The text between quotes that begins at `start`, and where it ends. */
function dequote(text: string, start: number): { value: string; end: number } | { problem: string } {
  if (text[start] !== '"') return { problem: 'missing start quote' };
  const parts: string[] = [];
  let at = start + 1;
  for (; at < text.length && text[at] !== '"'; at += 1) {
    if (text[at] === '\\' && text[at + 1] === '"') at += 1;
    parts.push(text[at] ?? '');
  }
  return at < text.length ? { value: parts.join(''), end: at + 1 } : { problem: 'missing end quote' };
}

/**
 * Parses the options at the start of `text`, up to the first blank outside quotes, as sshauthopt_parse does.
 * `problem` says why sshd would ignore the line; the options read until then are kept, so that a hidden
 * `cert-authority` still shows. Never throws.
 */
export function parseKeyOptions(text: string): OptionsResult {
  const options: KeyOption[] = [];
  const seen = new Set<string>();
  let at = 0;
  while (at < text.length && text[at] !== ' ' && text[at] !== '\t') {
    const word = /^[A-Za-z0-9-]*/.exec(text.slice(at, at + 64))?.[0] ?? '';
    const name = word.toLowerCase();
    const rule = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
    if (rule !== undefined && text[at + word.length] === '=') {
      const quoted = dequote(text, at + word.length + 1);
      if ('problem' in quoted) return { options, problem: quoted.problem };
      const problem = rule(quoted.value, seen.has(name));
      options.push({ name, value: quoted.value });
      seen.add(name);
      if (problem !== undefined) return { options, problem };
      at = quoted.end;
    } else if (FLAG_NAMES.has(name)) {
      options.push({ name, value: '' });
      at += word.length;
    } else if (word !== '') {
      return { options, problem: `unknown key option ${JSON.stringify(word)}` };
    }
    const next = text[at];
    if (next === undefined || next === ' ' || next === '\t') break;
    if (next !== ',') return { options, problem: 'unknown key option' };
    at += 1;
    if (at === text.length) return { options, problem: 'unexpected end-of-options' };
  }
  return { options };
}
