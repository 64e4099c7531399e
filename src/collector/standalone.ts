/**
 * The collector as one file that needs no auditor: the directive's `ssh-access-scorecard.sh`, for `ansible -m script`, a
 * rescue shell, or a host nobody else may enter.
 */
import { VERSION } from '../version.js';
import { parameterLines, scriptOf, type ScriptParameters } from './compose.js';
import { PROBES } from './probes.js';

/**
 * It makes its own nonce, so that nothing it reads on the host can pass for its frames. What that cannot prove: whoever
 * rules the host, or holds the saved output, can write whole frames himself.
 */
const OWN_NONCE = `
NONCE=$(head -c 16 /dev/urandom | od -An -v -tx1 | tr -d ' \\n')
[ "\${#NONCE}" = 32 ] || { echo "ssh-scorecard collector: no random bytes from /dev/urandom" >&2; exit 64; }
[ "$(id -u)" = 0 ] || echo "ssh-scorecard collector: not root: much will be unreadable, and nothing will pass" >&2
`.trim();

export function standaloneScript(parameters: ScriptParameters): string {
  return scriptOf(PROBES, {
    head: [
      '#!/bin/sh',
      `# The collector of ssh-scorecard ${VERSION}. It reads this host and prints evidence; it judges nothing.`,
      '# It writes no file, changes no setting and leaves nothing running. Run it as root; keep what it prints, and',
      '# judge it with: ssh-scorecard audit --from-ansible DIR --inventory FILE',
      ...parameterLines(parameters),
    ],
    checks: [OWN_NONCE],
  });
}
