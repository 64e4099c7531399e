/**
 * The collector as a file on the host, run by force-command whatever the login asks for: then the auditor's identity
 * can do this one thing and nothing else. It takes its nonce and parameters from standard input.
 */
import { createHash } from 'node:crypto';
import { UserError } from '../errors.js';
import type { GatherFailure } from '../model.js';
import { VERSION } from '../version.js';
import { plainPath, scriptOf, wholeDays, type ScriptParameters } from './compose.js';
import { PROBES } from './probes.js';

/** Asked for over SSH; a forced command takes its place, and a host without one says that it knows no such program. */
export const FORCED_COMMAND = 'ssh-scorecard-collector';
/** What the script takes from standard input, bytes. */
const MOST_INPUT = 8192;

/** Nothing but these characters reaches a variable of the script, and only values of the right form stay there. */
const READ_PARAMETERS = `
refuse() { echo "ssh-scorecard collector: expected its parameters on standard input: $1" >&2; exit 64; }
INPUT=$(T 20 head -c ${MOST_INPUT} | tr -cd 'A-Za-z0-9_.+@/ \\n-')
case $INPUT in *"\${NL}end") INPUT=\${INPUT%"\${NL}end"} ;; *) refuse 'the last line is end' ;; esac
set -f
set -- \${INPUT%%"$NL"*}
[ "$#" = 4 ] && [ "$1 $2" = 'ssh-scorecard 1' ] || refuse 'the first line is ssh-scorecard 1 NONCE DAYS'
NONCE=$3 LOGIN_DAYS=$4 WRAPPERS=
case $NONCE in *[!0-9a-f]*) refuse 'a nonce is 32 hexadecimal digits' ;; esac
[ "\${#NONCE}" = 32 ] || refuse 'a nonce is 32 hexadecimal digits'
case $LOGIN_DAYS in [1-9] | [1-9][0-9] | [1-9][0-9][0-9]) ;; *) refuse 'days are 1 to 999' ;; esac
case $INPUT in *"$NL"*) WRAPPERS=\${INPUT#*"$NL"} ;; esac
IFS=$NL
for _f in $WRAPPERS; do
  case $_f in /*) ;; *) refuse 'a program is an absolute path' ;; esac
  case $_f in *' '*) refuse 'a program is a plain path' ;; esac
done
set +f; set --
IFS=' 	
'
SELF=$(sha256sum <"$0"); SELF=\${SELF%% *}
`.trim();

/** The file to install, for every host the same: parameters come with each run. */
export function forcedScript(): string {
  return scriptOf(PROBES, {
    head: [
      '#!/bin/sh',
      `# The collector of ssh-scorecard ${VERSION}, as a forced command: it ignores what the login asks for, and reads the host.`,
      '# It writes no file, changes no setting and leaves nothing running. Owner root, mode 755; see docs/auditor-access.md.',
      'PATH=/usr/sbin:/usr/bin:/sbin:/bin; export PATH',
      'if [ "$(id -u)" != 0 ]; then',
      '  case $0 in /*) exec sudo -n -- "$0" ;; esac',
      '  echo "ssh-scorecard collector: not started by its absolute path" >&2; exit 64',
      'fi',
    ],
    checks: [READ_PARAMETERS],
    told: '"$SELF"',
  });
}

/** What the script is sent. @throws UserError when the policy names more programs than it takes. */
export function forcedInput(nonce: string, parameters: ScriptParameters): string {
  const days = Math.min(999, wholeDays(parameters.loginWindowDays));
  const lines = [`ssh-scorecard 1 ${nonce} ${days}`, ...parameters.wrappers.map(plainPath), 'end', ''];
  const text = lines.join('\n');
  if (text.length > MOST_INPUT)
    throw new UserError('too-many-wrappers', `policy.wrappers holds more than --forced-command can send`);
  return text;
}

let expected: string | undefined;

/** What a copy that is not this version's is: evidence of something nobody here has reviewed. */
export function differing(told: string | undefined): GatherFailure | undefined {
  expected ??= createHash('sha256').update(forcedScript()).digest('hex');
  if (told === expected) return undefined;
  const is = told === undefined ? 'could not tell the checksum of its collector' : `runs collector ${told}`;
  return {
    code: 'collector-differs',
    phase: 'parse',
    detail: `the host ${is}; this version's is ${expected}`,
    hint: 'install the output of: ssh-scorecard collector --forced-command',
  };
}
