/**
 * How OpenSSH cuts one line of text: C strings end at a NUL, and only spaces and tabs separate words.
 */

/** What comes before the first NUL: C code sees no more of a line. */
export function cLine(line: string): string {
  const nul = line.indexOf('\0');
  return nul === -1 ? line : line.slice(0, nul);
}

/** `type base64 comment`, split as sshkey_read splits it: only spaces and tabs separate. */
export function splitKeyLine(line: string): { type: string; base64: string; comment: string } | null {
  const match = /^[ \t]*([^ \t]+)[ \t]+([^ \t]+)(.*)$/su.exec(cLine(line));
  if (match === null) return null;
  const [, type = '', base64 = '', comment = ''] = match;
  return { type, base64, comment: comment.trim() };
}
