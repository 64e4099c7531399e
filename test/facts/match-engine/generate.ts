/** Random sshd configurations and connections for differential tests. */
import fc from 'fast-check';
import type { Connection } from '../../../src/facts/types.js';
import {
  USER_PATTERNS,
  GROUPS,
  HOSTS,
  ADDRESSES,
  RDOMAINS,
  CONNECTION_USERS,
  CONNECTION_HOSTS,
  CONNECTION_ADDRESSES,
  PORTS,
  SETTINGS,
  REFUSED_SETTINGS,
  GLOBAL_SETTINGS,
} from './vocabulary.js';

export interface GeneratedConfig {
  readonly mainPath: string;
  readonly files: ReadonlyMap<string, string>;
  /** `Keyword=value`, as `-o` takes them. */
  readonly options: readonly string[];
}

const list = (items: readonly string[], most: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...items), { minLength: 1, maxLength: most }).map((parts) => parts.join(','));

const criterion: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom('User', 'user', 'USER'), list(USER_PATTERNS, 3)) },
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom('Group', 'group'), list(GROUPS, 3)) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('Host', 'hOST'), list(HOSTS, 3)) },
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom('Address', 'ADDRESS'), list(ADDRESSES, 3)) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('LocalAddress', 'localaddress'), list(ADDRESSES, 2)) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom('LocalPort', 'LOCALPORT'),
      fc.constantFrom('22', '2222', '443', 'ssh', 'https'),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('RDomain', 'rdomain'), list(RDOMAINS, 2)) },
);

const criterionText = fc
  .tuple(criterion, fc.constantFrom(' ', '  ', '\t', '=', ' = '), fc.boolean())
  .map(([[name, value], between, quoted]) => `${name}${between}${quoted ? `"${value}"` : value}`);

export const criteriaTexts: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 6, arbitrary: fc.array(criterionText, { minLength: 1, maxLength: 1 }) },
  { weight: 3, arbitrary: fc.array(criterionText, { minLength: 2, maxLength: 2 }) },
  { weight: 1, arbitrary: fc.array(criterionText, { minLength: 3, maxLength: 3 }) },
);

const matchLine = fc.oneof(
  {
    weight: 100,
    arbitrary: fc
      .tuple(criteriaTexts, fc.constantFrom('', '', '', ' # note', '\t#x'))
      .map(([criteria, end]) => `${criteria.join(' ')}${end}`),
  },
  { weight: 10, arbitrary: fc.constantFrom('all', 'All', 'ALL # every one') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'all User root',
      'User',
      'Address 10.0.0.1/8',
      'Exec true',
      'User root # c',
      'LocalPort nosuch',
      'User "a b" Group bin',
      'User root ""',
      'User "" Group x',
      'User ro"o"t',
      'User root,',
      'User ,root',
      'Address 10.0.0.0/33',
      'Address !',
      "User 'root'",
      'User=root Address=10.1.2.3',
    ),
  },
);

const scrambledCase = (word: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom(word, word, word, word.toLowerCase(), word.toUpperCase()) },
    { weight: 1, arbitrary: fc.constant(`"${word}"`) },
  );

const setting = (table: Readonly<Record<string, readonly string[]>>): fc.Arbitrary<string> =>
  fc
    .constantFrom(...Object.keys(table))
    .chain((keyword) =>
      fc
        .tuple(
          scrambledCase(keyword),
          fc.oneof(
            { weight: 80, arbitrary: fc.constantFrom(' ', ' ', ' ', '\t', '=', ' = ', '  \t ', '= ', ' =') },
            { weight: 1, arbitrary: fc.constant('==') },
          ),
          fc.constantFrom(...(table[keyword] ?? [''])),
          fc.oneof(
            { weight: 60, arbitrary: fc.constantFrom('', '', '', '', ' ', '\t', ' # end', ' \f') },
            { weight: 1, arbitrary: fc.constantFrom('#x', ' ""') },
          ),
        )
        .map((parts) => parts.join('')),
    );

const harmless = fc.constantFrom(
  '',
  '# comment',
  '   # comment',
  ' \t ',
  '=PasswordAuthentication no',
  'PasswordAuthentication yes\0',
  'X11Forwarding no',
  'MaxAuthTries 3',
  'Banner none # c',
);

const refused = fc.constantFrom(
  '\f',
  'PasswordAuthentication',
  'Nonsense yes',
  'PasswordAuthentication maybe',
  'PermitRootLogin no extra',
  'PasswordAuthentication "no',
  'UsePAM yes',
  'Port 0',
  'UsePrivilegeSeparation yes',
  '"',
  'AuthenticationMethods any',
  'HostKey',
  'Subsystem sftp internal-sftp',
  'DSAAuthentication yes',
  'Protocol 2',
);

interface Line {
  readonly text: string;
  readonly include?: readonly number[];
}

const line = (included: number): fc.Arbitrary<Line> =>
  fc.oneof(
    { weight: 60, arbitrary: setting(SETTINGS).map((text) => ({ text })) },
    { weight: 26, arbitrary: matchLine.map((text) => ({ text: `Match ${text}` })) },
    { weight: 10, arbitrary: harmless.map((text) => ({ text })) },
    { weight: 1, arbitrary: fc.oneof(refused, setting(REFUSED_SETTINGS)).map((text) => ({ text })) },
    ...(included > 0
      ? [
          {
            weight: 12,
            arbitrary: fc
              .array(fc.nat(included - 1), { minLength: 1, maxLength: 2 })
              .map((include) => ({ text: '', include })),
          },
        ]
      : []),
  );

/** A file that may be included inside Match had better start without global-only keywords. */
const head = fc.array(
  fc.oneof({ weight: 1, arbitrary: setting(GLOBAL_SETTINGS) }, { weight: 40, arbitrary: setting(SETTINGS) }),
  { maxLength: 4 },
);

const COMMAND_USERS = ['AuthorizedKeysCommandUser nobody', 'AuthorizedPrincipalsCommandUser nobody'];

const mainHead = fc
  .tuple(
    fc.array(
      fc.oneof(
        { weight: 3, arbitrary: setting(GLOBAL_SETTINGS) },
        { weight: 2, arbitrary: setting(SETTINGS) },
      ),
      { maxLength: 5 },
    ),
    fc.integer({ min: 0, max: 19 }),
  )
  .map(([lines, dice]) => (dice === 0 ? [] : COMMAND_USERS).concat(lines));

const ENDINGS = ['\n', '\n', '\n', '\r\n'];

/** Configurations under `root`: a main file and up to three files it may include, each also by a glob. */
export function configurations(root: string): fc.Arbitrary<GeneratedConfig> {
  const paths = [0, 1, 2].map((index) => `${root}/conf.d/${index}0-part.conf`);
  const include = (targets: readonly number[]): string => {
    const names = targets.map((target) => (target === 2 ? `${root}/conf.d/2*.conf` : (paths[target] ?? '')));
    return `Include ${names.join(' ')} ${root}/none.d/*.conf`;
  };
  const body = (included: number): fc.Arbitrary<string> =>
    fc
      .tuple(
        included === 3 ? mainHead : head,
        fc.array(line(included), { maxLength: 14 }),
        fc.constantFrom(...ENDINGS),
        fc.constantFrom('', '  ', '\t'),
      )
      .map(([first, rest, ending, indent]) => {
        const lines = rest.map((each) =>
          each.include === undefined ? `${indent}${each.text}` : include(each.include),
        );
        return [...first, ...lines, ''].join(ending);
      });
  const option = fc.constantFrom(
    'PasswordAuthentication=no',
    'PermitRootLogin=yes',
    'AllowUsers=zed',
    'LogLevel=QUIET',
    'Port=2200',
  );
  const parts = fc.tuple(
    body(0),
    body(1),
    body(2),
    body(3),
    fc.array(option, { maxLength: 2 }),
    fc.boolean(),
  );
  return parts.map(([zero, one, two, main, options, withOptions]) => ({
    mainPath: `${root}/sshd_config`,
    files: new Map([
      [`${root}/sshd_config`, main],
      ...[zero, one, two].map((text, index) => [paths[index] ?? '', text] as const),
    ]),
    options: withOptions ? options : [],
  }));
}

export const connections: fc.Arbitrary<Connection> = fc
  .record({
    user: fc.constantFrom(...CONNECTION_USERS),
    host: fc.constantFrom(...CONNECTION_HOSTS),
    address: fc.constantFrom(...CONNECTION_ADDRESSES),
    localAddress: fc.constantFrom(...CONNECTION_ADDRESSES),
    localPort: fc.constantFrom(...PORTS),
    rdomain: fc.option(fc.constantFrom('red', 'blue', 'vrf1', ''), { nil: null }),
  })
  .map(withoutNull);

function withoutNull({
  rdomain,
  ...rest
}: Omit<Connection, 'rdomain'> & { rdomain: string | null }): Connection {
  return rdomain === null ? rest : { ...rest, rdomain };
}

/**
 * Connections a real sshd can see: a host name and a routing domain are always known, and an IPv4 client of an
 * IPv6 socket is shown as IPv4.
 */
const SEEN_ADDRESSES = CONNECTION_ADDRESSES.filter((address) => !address.startsWith('::ffff:'));

export const GRID: fc.Arbitrary<Connection> = fc.record({
  user: fc.constantFrom(...CONNECTION_USERS),
  host: fc.constantFrom(...CONNECTION_HOSTS.filter((host) => host !== '')),
  address: fc.constantFrom(...SEEN_ADDRESSES),
  localAddress: fc.constantFrom(...SEEN_ADDRESSES),
  localPort: fc.constantFrom(...PORTS),
  rdomain: fc.constantFrom('', 'red', 'blue', 'vrf1'),
});
