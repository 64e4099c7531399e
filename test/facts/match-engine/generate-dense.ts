/** Random configurations that are always valid and made mostly of Match blocks that overlap. */
import fc from 'fast-check';
import { criteriaTexts, type GeneratedConfig } from './generate.js';

const SETTINGS = [
  'PasswordAuthentication yes',
  'PasswordAuthentication no',
  'PermitRootLogin yes',
  'PermitRootLogin no',
  'LogLevel QUIET',
  'LogLevel VERBOSE',
  'TrustedUserCAKeys /etc/ssh/ca/one.pub',
  'TrustedUserCAKeys /etc/ssh/ca/two.pub',
  'AllowUsers alice',
  'AuthenticationMethods publickey',
  'ForceCommand /bin/false',
  'X11Forwarding no',
  'AuthorizedPrincipalsFile none',
];

const settings = fc.array(fc.constantFrom(...SETTINGS), { minLength: 1, maxLength: 2 });

const block = fc
  .tuple(criteriaTexts, settings)
  .map(([criteria, lines]) => [`Match ${criteria.join(' ')}`, ...lines].join('\n'));

const allBlock = settings.map((lines) => ['Match all', ...lines].join('\n'));

const include = fc.constant('Include part.d/*.conf');

const blocks = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: block },
    { weight: 1, arbitrary: allBlock },
    { weight: 2, arbitrary: include },
  ),
  { minLength: 1, maxLength: 7 },
);

/** A main file, and one file it may include anywhere, inside a Match block too. */
export function denseConfigurations(root: string): fc.Arbitrary<GeneratedConfig> {
  const globals = fc.array(fc.oneof(fc.constantFrom(...SETTINGS), include), { maxLength: 3 });
  const part = fc.tuple(
    fc.array(fc.constantFrom(...SETTINGS), { maxLength: 2 }),
    fc.array(block, { maxLength: 3 }),
  );
  return fc.tuple(globals, blocks, part).map(([first, rest, [partGlobals, partBlocks]]) => ({
    mainPath: `${root}/dense/sshd_config`,
    files: new Map([
      [
        `${root}/dense/sshd_config`,
        `${[...first, ...rest].join('\n')}\n`.replaceAll('part.d', `${root}/dense/part.d`),
      ],
      [`${root}/dense/part.d/one.conf`, `${[...partGlobals, ...partBlocks].join('\n')}\n`],
    ]),
    options: [],
  }));
}
