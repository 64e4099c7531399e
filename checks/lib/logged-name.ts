/**
 * A key ID as sshd's log shows it. sshd passes every message through strnvis(3) with VIS_CSTYLE, VIS_NL, VIS_TAB and
 * VIS_OCTAL (log.c, LOG_SYSLOG_VIS): a backslash is doubled, line ends and tabs get their C names, and every other byte
 * that is no printable ASCII becomes three octal digits.
 */

const NAMES: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  92: '\\\\',
};

/** Null when the text lost bytes that were not UTF-8: then nobody can tell how it was shown. */
export function asLogged(keyId: string): string | null {
  if (/^[ -[\]-~]*$/.test(keyId)) return keyId;
  if (/\ufffd|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(keyId))
    return null;
  return encodeURIComponent(keyId).replace(/%([0-9A-F]{2})|[^%]/g, (char, hex: string | undefined) => {
    const byte = hex === undefined ? char.charCodeAt(0) : Number.parseInt(hex, 16);
    if (NAMES[byte] !== undefined) return NAMES[byte];
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
  });
}
