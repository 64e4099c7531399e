/** One word for a POSIX shell, whatever it holds but NUL, which no word can. Source: POSIX XCU 2.2.2. */
export function shellQuote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
