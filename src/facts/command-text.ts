/**
 * Command lines as logs hold them: secrets taken out (again: the collector does so on the host), and split into words.
 * Pure; never throws.
 */

const NAME = '(?:passw(?:or)?d|passphrase|secret|token|api_?-?key|credential|authorization)[a-z0-9_-]*';
/** `--password=x`, `TOKEN=x`, `token: x`, `--token x`. */
const NAMED = new RegExp(`(${NAME}["']?(?:=|:\\s*|\\s+)["']?)(?!\\[redacted\\])[^\\s"']+`, 'gi');
const SCHEME = /\b((?:bearer|basic)\s+)(?!\[redacted\])[A-Za-z0-9._~+/=-]{6,}/gi;
const IN_URL = /(:\/\/[^\s/:@]*:)[^\s/@]+@/g;
/** `mysql -pSECRET`, `curl -u user:SECRET`, `sshpass -p SECRET`. */
const SHORT = /\b((?:mysql|mysqldump|mysqladmin|mariadb)\b[^|;&]*?\s-p)[^\s]+/g;
const USER = /\b(curl\b[^|;&]*?\s(?:-u|--user)[= ]?\s*[^\s:]+:)[^\s]+/g;
const SSHPASS = /\b(sshpass\s+-p\s*)[^\s]+/g;
export const REDACTED = '[redacted]';

/** The text with every value behind a name of a secret replaced. Rather too much than too little. */
export function withoutSecrets(text: string): string {
  return text
    .replace(SCHEME, `$1${REDACTED}`)
    .replace(NAMED, `$1${REDACTED}`)
    .replace(IN_URL, `$1${REDACTED}@`)
    .replace(SHORT, `$1${REDACTED}`)
    .replace(USER, `$1${REDACTED}`)
    .replace(SSHPASS, `$1${REDACTED}`);
}

/** Words of a command line: quotes and backslashes as sh reads them, nothing expanded. */
export function wordsOf(text: string, most = 500): readonly string[] {
  const words: string[] = [];
  let word = '';
  let begun = false;
  let quote = '';
  for (let at = 0; at < text.length && words.length < most; at += 1) {
    const character = text[at] ?? '';
    if (quote === "'" ? character === "'" : quote === '"' && character === '"') quote = '';
    else if (quote === "'") word += character;
    else if (character === '\\') {
      word += text[at + 1] ?? '';
      at += 1;
      begun = true;
    } else if (quote === '"') word += character;
    else if (character === '"' || character === "'") {
      quote = character;
      begun = true;
    } else if (/\s/.test(character)) {
      if (begun || word !== '') words.push(word);
      word = '';
      begun = false;
    } else word += character;
  }
  if ((begun || word !== '') && words.length < most) words.push(word);
  return words;
}
