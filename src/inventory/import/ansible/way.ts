/**
 * How Ansible gets to a host that it does not reach directly. Sources: Ansible's ssh connection plugin (its arguments
 * are split as Python's shlex does), ssh(1) -J and -o, ssh_config(5) ProxyJump and ProxyCommand, and the aws_ssm
 * connection plugin (`ansible_aws_ssm_…`; without an instance ID, the address is it).
 */
import type { z } from 'zod';
import * as field from '../../fields.js';
import { instance as instanceField, region as regionField } from '../../schema-aws.js';
import { shellWords } from './words.js';

export type Note = (text: string) => void;
/** The first of the variables that is set, when it has the form our inventory asks for. */
export type Read = <T extends z.ZodType>(names: readonly string[], type: T) => z.output<T> | undefined;

/** Later ones are added behind the earlier ones, and ssh takes the first it is given. */
const ARGUMENTS = ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args'];

interface Way {
  readonly jump?: string[];
  readonly proxy_command?: string;
}

export function wayOf(vars: ReadonlyMap<string, unknown>, read: Read, say: Note): Way {
  for (const name of ARGUMENTS) {
    if (!vars.has(name)) continue;
    const args = read([name], field.line);
    if (args === undefined || args.trim() === '') continue;
    const { jump, proxy } = optionsOf(args);
    const found = jump ?? jumpOfCommand(proxy ?? '');
    const steps = found?.split(',').map((step) => step.replace(/^ssh:\/\//, ''));
    if (steps?.every((step) => field.jumpHost.safeParse(step).success)) return { jump: steps };
    if (found !== undefined)
      say(`${name} names a jump host this inventory cannot hold: ${JSON.stringify(found.slice(0, 100))}`);
    else if (proxy !== undefined && field.proxyCommand.safeParse(proxy).success)
      return { proxy_command: proxy };
    else say(`${name} was left out: put what it asks for into ssh_config`);
  }
  return {};
}

/** What the arguments say of the way; `none` says nothing. */
function optionsOf(args: string): { readonly jump?: string; readonly proxy?: string } {
  const words = shellWords(args) ?? [];
  const found = new Map<string, string>();
  const note = (key: string, value: string): void => {
    if (value !== '' && !found.has(key)) found.set(key, value);
  };
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [, letter = '', joined = ''] = /^-([Jo])(.*)$/s.exec(word) ?? [];
    if (letter === '') continue;
    const value = joined === '' ? (words.shift() ?? '') : joined;
    if (letter === 'J') note('proxyjump', value);
    else {
      const [, key = '', rest = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*)$/s.exec(value) ?? [];
      note(key.toLowerCase(), rest.trim());
    }
  }
  const of = (key: string): string | undefined => {
    const value = found.get(key);
    return value === undefined || value.toLowerCase() === 'none' ? undefined : value;
  };
  const [jump, proxy] = [of('proxyjump'), of('proxycommand')];
  return { ...(jump !== undefined && { jump }), ...(proxy !== undefined && { proxy }) };
}

/** `ssh -W %h:%p -q -p 2222 user@bastion` -> `user@bastion:2222`; undefined for anything more. */
function jumpOfCommand(command: string): string | undefined {
  const words = command.trim().split(/\s+/);
  if (words.shift() !== 'ssh') return undefined;
  let host: string | undefined;
  let port = '';
  let user = '';
  let forwards = false;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '-W') forwards = words.shift() === '%h:%p';
    else if (word === '-p') port = `:${words.shift() ?? ''}`;
    else if (word === '-l') user = `${words.shift() ?? ''}@`;
    else if (!/^-[qTN]+$/.test(word)) {
      if (word.startsWith('-') || host !== undefined) return undefined;
      host = word;
    }
  }
  return forwards && host !== undefined ? `${host.includes('@') ? '' : user}${host}${port}` : undefined;
}

/** A host of the aws_ssm connection: AWS Run Command asks the same agent. Undefined without an instance ID. */
export function instanceOf(
  name: string,
  read: Read,
  say: Note,
): { readonly instance: string; readonly region: string | undefined } | undefined {
  const given = read(['ansible_aws_ssm_instance_id', 'ansible_host', 'ansible_ssh_host'], field.line) ?? name;
  const instance = instanceField.safeParse(given);
  if (instance.success)
    return { instance: instance.data, region: read(['ansible_aws_ssm_region'], regionField) };
  say(`ansible_connection is aws_ssm, and ${JSON.stringify(given.slice(0, 60))} is no instance ID`);
  return undefined;
}
