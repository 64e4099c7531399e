/** `--host`, `--tag` and `--environment`: which hosts of the inventory a command is about. */
import { UserError } from '../errors.js';
import type { Host, RunInfo } from '../model.js';
import { compileGlob, compileHostGlob, type Matcher } from './glob.js';
import { quoted } from './problem.js';
import { nearest } from './suggest.js';

/** Each entry may be a comma list; entries of one kind add up, kinds narrow each other, `!` takes away. */
export interface Selection {
  readonly host?: readonly string[];
  readonly tag?: readonly string[];
  readonly environment?: readonly string[];
}

type Selectable = Pick<Host, 'name' | 'tags' | 'environment'>;

interface Kind {
  readonly flag: string;
  readonly patterns: readonly string[];
  readonly wordsOf: (host: Selectable) => readonly string[];
  readonly compile: (glob: string) => Matcher;
}

/**
 * The selected hosts, in the order given. A pattern that matches no host of the inventory, or a selection that
 * leaves none, is a {@link UserError}: a typing mistake must not look like a clean fleet.
 */
export function selectHosts<H extends Selectable>(hosts: readonly H[], selection: Selection): H[] {
  const words: readonly Kind[] = [
    {
      flag: '--host',
      patterns: split('--host', selection.host),
      wordsOf: ({ name }) => [name],
      compile: compileHostGlob,
    },
    {
      flag: '--tag',
      patterns: split('--tag', selection.tag),
      wordsOf: ({ tags }) => tags,
      compile: compileGlob,
    },
    {
      flag: '--environment',
      patterns: split('--environment', selection.environment),
      wordsOf: ({ environment }) => (environment === undefined ? [] : [environment]),
      compile: compileGlob,
    },
  ];
  const selected = words.reduce<readonly H[]>((left, kind) => {
    const chosen = chosenBy(kind, hosts);
    return left.filter((host) => chosen.has(host));
  }, hosts);
  if (selected.length > 0) return [...selected];
  throw new UserError('selection-empty', 'every selector matches hosts, but no host matches them all', {
    hint: 'widen or remove one of --host, --tag, --environment',
  });
}

/** The hosts a run was made of, by the selection its record tells. @throws UserError as {@link selectHosts}. */
export function hostsOf<H extends Selectable>(
  hosts: readonly H[],
  { hosts: host, tags: tag, environments: environment }: RunInfo['selection'],
): H[] {
  return selectHosts(hosts, { host, tag, environment });
}

function chosenBy<H extends Selectable>(kind: Kind, hosts: readonly H[]): ReadonlySet<H> {
  const wanted = kind.patterns.filter((pattern) => !pattern.startsWith('!'));
  const unwanted = kind.patterns
    .filter((pattern) => pattern.startsWith('!'))
    .map((pattern) => pattern.slice(1));
  const chosen = new Set(
    wanted.length === 0 ? hosts : wanted.flatMap((pattern) => matching(kind, pattern, hosts)),
  );
  for (const pattern of unwanted) for (const host of matching(kind, pattern, hosts)) chosen.delete(host);
  return chosen;
}

function matching<H extends Selectable>(kind: Kind, pattern: string, hosts: readonly H[]): H[] {
  const matches = kind.compile(pattern);
  const found = hosts.filter((host) => kind.wordsOf(host).some(matches));
  if (found.length > 0) return found;
  const known = [...new Set(hosts.flatMap(kind.wordsOf))].sort();
  const near = nearest(pattern, known, 5);
  throw new UserError(
    'selector-matches-nothing',
    `${kind.flag} ${quoted(pattern)} matches no host of the inventory`,
    {
      hint: near.length > 0 ? `did you mean ${near.join(', ')}?` : overview(kind.flag, known),
    },
  );
}

function overview(flag: string, known: readonly string[]): string {
  if (known.length === 0) return `no host of the inventory has a value for ${flag}`;
  const shown = known.slice(0, 5).join(', ');
  return known.length > 5 ? `there are ${known.length}, like ${shown}` : `there is ${shown}`;
}

/** Commas separate patterns, except inside `[1,3,5-7]`. */
function split(flag: string, given: readonly string[] = []): string[] {
  return given.flatMap((text) => {
    const parts = text.split(/,(?![^[\]]*\])/).map((part) => part.trim());
    if (parts.every((part) => part !== '' && part !== '!')) return parts;
    throw new UserError('selector-empty', `${flag} ${quoted(text)} has an empty pattern in it`, {
      hint: 'remove the extra comma',
    });
  });
}
