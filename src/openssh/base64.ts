/**
 * Base64 exactly as OpenSSH decodes it (b64_pton): white space is skipped, everything else must be right, also
 * the unused bits at the end. node:crypto's own decoder forgives, and so would see keys where sshd sees none.
 */

/** The bytes, or null when sshd would refuse the text. */
export function decodeBase64(text: string): Buffer | null {
  const compact = text.replace(/[ \t\n\v\f\r]/g, '');
  if (compact.length % 4 !== 0) return null;
  const bytes = Buffer.from(compact, 'base64');
  return bytes.toString('base64') === compact ? bytes : null;
}
