/**
 * Unquoted words that YAML 1.1 readers (PyYAML, hence Ansible) and YAML 1.2 readers understand differently.
 * The same inventory renders the hosts' principals files, so both must read the same values.
 * Source: yaml.org/type (bool, int, float) against YAML 1.2.2 section 10.3.2, core schema.
 */

interface Surprise {
  readonly message: string;
  readonly hint: string;
}

const BOOLEAN_1_1 = /^(yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$/;
const SEXAGESIMAL = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/;
const UNDERSCORED = /^[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$/;
const PLAIN_NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/;

/** Null when every YAML reader agrees on the unquoted `source`, which was read here as `value`. */
export function surpriseOf(source: string, value: unknown): Surprise | null {
  const shown = source.slice(0, 40);
  if (typeof value === 'number') {
    if (PLAIN_NUMBER.test(source)) return null;
    return {
      message: `${shown} is read as ${value} here and differently by other YAML readers`,
      hint: 'write a plain decimal number, or text in quotes',
    };
  }
  if (typeof value !== 'string') return null;
  const meaning = BOOLEAN_1_1.test(source)
    ? 'a boolean'
    : SEXAGESIMAL.test(source)
      ? 'a number to base 60'
      : UNDERSCORED.test(source)
        ? 'a number'
        : null;
  if (meaning === null) return null;
  const flag = meaning === 'a boolean' ? ', or write true or false' : '';
  return {
    message: `unquoted ${shown} is text here and ${meaning} to YAML 1.1 readers like Ansible`,
    hint: `put it in quotes${flag}`,
  };
}
