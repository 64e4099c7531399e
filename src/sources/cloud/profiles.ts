/** Profiles of the AWS CLI, without anything secret. Pure. */

export interface CloudEntry {
  /** `~/.aws/credentials:2 [prod]`. */
  readonly from: string;
  /** Kind and last four characters of an access key ID: `AKIA…WXYZ`. */
  readonly key?: string;
  /** As written: when what was given ends. */
  readonly expires?: string;
  /** `duration_seconds` as written. */
  readonly duration?: string;
}

/** What tools that fetch credentials write beside them: saml2aws, aws-azure-login, aws-mfa. */
const EXPIRES = new Set([
  'x_security_token_expires',
  'aws_expiration',
  'aws_session_expiration',
  'expiration',
]);
const MOST_PROFILES = 2000;

/** Its first four characters tell the kind, as far as they are those of a key ID, and its last four tell it apart. */
export function shortId(id: string): string {
  return /^[A-Z0-9]{16,128}$/.test(id) ? `${id.slice(0, 4)}…${id.slice(-4)}` : '(no key ID)';
}

/** One entry for every profile that holds a key or asks for a duration. */
export function readProfiles(text: string, file: string): CloudEntry[] {
  const entries: CloudEntry[] = [];
  let name = '';
  let held: Record<string, { readonly value: string; readonly line: number }> = {};
  const close = (): void => {
    const key = held['aws_access_key_id'];
    const duration = held['duration_seconds'];
    const expires = Object.entries(held).find(([word]) => EXPIRES.has(word))?.[1];
    const line = (key ?? duration)?.line;
    if (line !== undefined && entries.length < MOST_PROFILES)
      entries.push({
        from: `${file}:${line} [${name}]`,
        ...(key && { key: shortId(key.value) }),
        ...(key && expires && { expires: expires.value.slice(0, 40) }),
        ...(duration && { duration: duration.value.slice(0, 20) }),
      });
    held = {};
  };
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const heading = /^\s*\[\s*(?:profile\s+)?([^\]]{1,200})\]/.exec(raw);
    if (heading) {
      close();
      name = heading[1]?.trim() ?? '';
      continue;
    }
    const [, word, value] = /^([A-Za-z_]{1,60})\s*[=:]\s*(.*)$/.exec(raw) ?? [];
    if (word !== undefined && value !== undefined)
      held[word.toLowerCase()] = { value: value.trim(), line: index + 1 };
  }
  close();
  return entries;
}
