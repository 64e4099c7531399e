/** One word for sh, whatever it holds. Source: POSIX.1-2017, Shell Command Language, 2.2.2 Single-Quotes. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
