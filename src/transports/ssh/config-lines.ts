/** What `ssh -G` prints: lines of `keyword value`, of which these are read and the others are nobody's business here. */

const KEYWORDS = [
  'certificatefile',
  'globalknownhostsfile',
  'hostkeyalias',
  'hostname',
  'identitiesonly',
  'identityagent',
  'identityfile',
  'port',
  'proxycommand',
  'proxyjump',
  'user',
  'userknownhostsfile',
] as const;

/** In small letters. Whoever reads another one adds it here, or the compiler refuses. */
export type ConfigKeyword = (typeof KEYWORDS)[number];

const known: ReadonlySet<string> = new Set(KEYWORDS);

/** Values are as printed, without space around them; a keyword that is printed several times comes as often. */
export function configLines(text: string): (readonly [keyword: ConfigKeyword, value: string])[] {
  return text.split('\n').flatMap((line) => {
    const space = line.indexOf(' ');
    const keyword = line.slice(0, Math.max(0, space)).toLowerCase();
    return isRead(keyword) ? [[keyword, line.slice(space + 1).trim()] as const] : [];
  });
}

function isRead(keyword: string): keyword is ConfigKeyword {
  return known.has(keyword);
}
