/** Personal data that the policy leaves out of the report: where people came from, what they typed, why they came. */
import type { Policy } from '../model.js';
import type { HostPart, LooseChange, RunCommand, Session, Use } from './types.js';

type Field = NonNullable<Policy['accessOmit']>[number];

/** The same counts and verdicts, less the fields: what was altered stays, what was typed goes. */
export function withoutFields(part: HostPart, fields: readonly Field[]): HostPart {
  if (fields.length === 0) return part;
  const leaves = new Set(fields);
  const use = (one: Use): Use => (leaves.has('addresses') ? { ...one, from: [] } : one);
  const session = (one: Session): Session => ({
    ...one,
    ...(leaves.has('addresses') && { from: '' }),
    ...(leaves.has('reasons') && { why: '' }),
    ...(leaves.has('commands') && { commands: one.commands.map(programOnly) }),
  });
  const loose = (one: LooseChange): LooseChange =>
    leaves.has('commands') ? { ...one, text: 'a change' } : one;
  return {
    ...part,
    uses: part.uses.map(use),
    sessions: part.sessions.map(session),
    loose: part.loose.map(loose),
  };
}

function programOnly(command: RunCommand): RunCommand {
  return { ...command, text: program(command.text) };
}

/** `/usr/bin/tail -f /home/x` is `tail`; `ALL` stays. */
export function program(text: string): string {
  return /^\S+/.exec(text)?.[0].replace(/^.*\//, '') ?? '';
}
