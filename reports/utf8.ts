/** UTF-8 without any runtime's help: reports are pure, and TextEncoder and Buffer are not part of the language. */

/** Bytes of one code point (RFC 3629, section 3); a lone surrogate counts as U+FFFD does, which encoders put for it. */
function sizeOf(point: number): number {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

/** How many bytes the text takes in a file. */
export function utf8Length(text: string): number {
  if (/^[\0-\x7f]*$/.test(text)) return text.length;
  let bytes = 0;
  for (const character of text) bytes += sizeOf(character.codePointAt(0) ?? 0);
  return bytes;
}

/** The bytes, as numbers from 0 to 255. */
export function utf8Bytes(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    const read = character.codePointAt(0) ?? 0;
    const point = read >= 0xd800 && read <= 0xdfff ? 0xfffd : read;
    const size = sizeOf(point);
    if (size === 1) bytes.push(point);
    else bytes.push(((0xf00 >> size) & 0xff) | (point >> (6 * (size - 1))));
    for (let left = size - 2; left >= 0; left -= 1) bytes.push(0x80 | ((point >> (6 * left)) & 0x3f));
  }
  return bytes;
}
