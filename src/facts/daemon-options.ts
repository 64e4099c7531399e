/** What the command line of an sshd changes. Source: sshd(8), setproctitle in sshd.c, systemd.service(5). */
import type { SshListener } from './types.js';

/** The options that decide what an sshd reads. */
export interface DaemonOptions {
  readonly overrides: SshListener['overrides'];
  readonly configFile?: string;
}

/** Whether two servers read the same configuration; which port they listen on does not matter. */
export function sameOptions(one: DaemonOptions, other: DaemonOptions): boolean {
  const text = ({ overrides, configFile = '' }: DaemonOptions) =>
    JSON.stringify([
      configFile,
      overrides
        .filter(({ keyword }) => keyword !== 'port')
        .map(({ keyword, value }) => [keyword, value.trim()]),
    ]);
  return text(one) === text(other);
}

/**
 * `-o` and `-f` of an sshd's arguments: one per line where the kernel still has them apart, or the title sshd gives
 * itself since 8.2 (`sshd: /usr/sbin/sshd -o A=b c [listener] 0 of 10-100 startups`), in which quoting is lost and a
 * value reaches up to the next ` -X`.
 */
export function daemonOptions(commandLine: string): DaemonOptions {
  const title = /^sshd: (.*?)(?: \[(?:listener|accepted)\].*)?$/s.exec(commandLine)?.[1];
  const words = title === undefined ? commandLine.split('\n').slice(1) : glued(title.split(' ').slice(1));
  const overrides: { keyword: string; value: string }[] = [];
  let configFile: string | undefined;
  for (let index = 0; index < words.length; index++) {
    const cluster = /^-([46DGQRTVdeiqrt]*)([A-Za-z])(.*)$/s.exec(words[index] ?? '');
    const letter = cluster?.[2];
    if (letter === undefined || !'CEbcfghkopu'.includes(letter)) continue;
    const value = cluster?.[3] || (words[++index] ?? '');
    if (letter === 'f') configFile = value;
    if (letter === 'p') overrides.push({ keyword: 'port', value });
    if (letter === 'o') {
      const parts = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)$/s.exec(value);
      overrides.push({ keyword: (parts?.[1] ?? value).toLowerCase(), value: parts?.[2] ?? '' });
    }
  }
  return {
    overrides,
    ...(configFile !== undefined && configFile !== '/etc/ssh/sshd_config' && { configFile }),
  };
}

/** Words that are no options belong to the one before the last option. */
function glued(words: readonly string[]): string[] {
  const out: string[] = [];
  for (const word of words) {
    const last = out.at(-1);
    if (/^-[A-Za-z0-9]/.test(word) || last === undefined || /^-[A-Za-z0-9]+$/.test(last)) out.push(word);
    else out[out.length - 1] = `${last} ${word}`;
  }
  return out;
}

/** The options of a command as unit files and files of daemon options write it. */
export function optionsIn(command: string): DaemonOptions {
  return daemonOptions(['sshd', ...glued(shellWords(command).slice(1))].join('\n'));
}

/** systemd's and the shell's quoting as far as options need it; the dollar words of unit files are dropped. */
function shellWords(text: string): string[] {
  return [...text.matchAll(/(?:"([^"]*)"|'([^']*)'|[^\s"']+)+/g)]
    .map((word) => word[0].replace(/["']/g, ''))
    .filter((word) => !word.startsWith('$'));
}
