/** The wrapper programs of directive 4.1: are they there, whose are they, and do they really ask a CA? */
import type { HostEvidence, Reading } from '../model.js';
import { collectedFiles, probeReading, records } from './reading.js';
import { readScript, type Script } from './script-programs.js';
import { baseName, TOO_COMPLICATED, type CalledProgram } from './shell-commands.js';
import type { WrapperFile } from './types.js';

export function readWrappers(evidence: HostEvidence): Reading<readonly WrapperFile[]> {
  const probe = probeReading(evidence, 'wrappers');
  if (!probe.ok) return probe;
  const files = collectedFiles(records(probe.value));
  const gaps = [...probe.gaps];
  const value = files.map((file): WrapperFile => {
    if (isCompiled(file.bytes)) return { file, asksCa: [] };
    if (file.status !== 'ok' && file.status !== 'missing')
      gaps.push(`${file.path} could not be read whole (${file.status})`);
    const text = Buffer.from(file.bytes).toString('utf8');
    const script = readScript(text, file.path);
    if (script.programs.some(({ program }) => program === TOO_COMPLICATED))
      gaps.push(`${file.path} is too complicated to tell what it calls`);
    return { file, asksCa: linesThatAsk(text, script) };
  });
  return { ok: true, value, gaps };
}

/** An ELF program: what it asks cannot be read from it. */
function isCompiled(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 4)).toString('latin1') === '\x7fELF';
}

/** Signing by the CA's own API: Vault and OpenBao mount paths, step-ca. */
const API = /\/v1\/[\w./${}-]{0,200}\/(?:sign|issue)\/[\w.${}-]|\/(?:1\.0\/)?ssh\/(?:sign|renew|rekey)\b/;
const SIGN_PATH = /(?:^|\/)(?:sign|issue)\/./;
/** Client libraries: hvac, node-vault, Ruby's vault. */
const LIBRARY =
  /\.sign_ssh_key\s*\(|\.issue_ssh_credential\s*\(|logical\s*\(?\)?\.write\s*\(\s*["'][^"']*\/(?:sign|issue)\//;
/** Lines of other languages that only tell somebody. */
const TELLS =
  /^\s*(?:print\w*|puts|echo|console\.|log\w*\.|logging\.|logger\.|warn\w*|raise|die|throw|sys\.std(?:err|out)|fprintf|syslog)/;

/** Lines of code that ask a CA for a certificate. Comments, text that is only printed, and what never runs do not count. */
function linesThatAsk(text: string, { language, programs, code }: Script): { line: number; text: string }[] {
  const live = programs.filter(({ dead }) => !dead);
  const assigned = live.flatMap(({ program, environment, args }) =>
    /^(?:|export|local|readonly|declare)$/.test(program) ? [...environment, ...args] : environment,
  );
  const values = assigned.map((word) => word.slice(word.indexOf('=') + 1));
  const lines = new Set(live.filter((one) => asks(one, values)).map(({ line }) => line));
  if (language !== 'shell') {
    for (const { line, text: each } of code) {
      const start = each.slice(0, 2000);
      if (!TELLS.test(start) && (API.test(start) || LIBRARY.test(start))) lines.add(line);
    }
  }
  const source = text.split('\n');
  return [...lines]
    .toSorted((a, b) => a - b)
    .slice(0, 100)
    .map((line) => ({ line, text: (source[line - 1] ?? '').trim().slice(0, 300) }));
}

/** @param values what the script assigns to variables: a path or URL may stand in one. */
function asks({ program, args }: CalledProgram, values: readonly string[]): boolean {
  const words = args.filter((arg) => !arg.startsWith('-'));
  const through = (pattern: RegExp): boolean =>
    args.some((arg) => pattern.test(arg)) ||
    (args.some((arg) => arg.includes('$')) && values.some((value) => pattern.test(value)));
  switch (baseName(program)) {
    case 'vault':
    case 'bao':
      return (words.includes('write') && through(SIGN_PATH)) || words[0] === 'ssh';
    case 'step':
      return words[0] === 'ssh' && ['certificate', 'login', 'renew', 'rekey'].includes(words[1] ?? '');
    case 'tsh':
      return ['login', 'ssh', 'scp', 'proxy'].includes(words[0] ?? '');
    case 'tbot':
      return words[0] === 'start';
    case 'tctl':
      return words[0] === 'auth' && words[1] === 'sign';
    case 'az':
      return words[0] === 'ssh' && words[1] === 'cert';
    case 'opkssh':
      return words[0] === 'login';
    case 'curl':
    case 'wget':
    case 'http':
    case 'https':
    case 'xh':
      return through(API);
    default:
      return false;
  }
}
