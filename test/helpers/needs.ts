/**
 * What some tests need from the machine. A string says what is missing and how to get it, null that it is there:
 *
 *   describe.skipIf(needs.sshd)(title('login', needs.sshd), () => …)
 *
 * With SSH_SCORECARD_REQUIRE_ALL=1 (continuous integration) nothing is skipped: a missing need becomes a failure.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const requireAll = process.env['SSH_SCORECARD_REQUIRE_ALL'] === '1';

function missing(reason: string): string {
  if (requireAll) throw new Error(`SSH_SCORECARD_REQUIRE_ALL=1, but ${reason}`);
  return reason;
}

function program(name: string, debianPackage: string): string | null {
  const directories = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    '/sbin',
  ];
  const found = directories.some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  return found ? null : missing(`${name} is not installed (apt-get install ${debianPackage})`);
}

/** Evaluated one by one when first read, so that a suite fails only for what it uses. */
export const needs = {
  /** A real OpenSSH server, started by test/helpers/sshd.ts. It logs accounts in, which takes root. */
  get sshd(): string | null {
    return program('sshd', 'openssh-server') ?? this.sshKeygen ?? this.root;
  },
  get sshKeygen(): string | null {
    return program('ssh-keygen', 'openssh-client');
  },
  get ssh(): string | null {
    return program('ssh', 'openssh-client');
  },
  get sshAgent(): string | null {
    return program('ssh-agent', 'openssh-client');
  },
  get root(): string | null {
    return process.getuid?.() === 0
      ? null
      : missing('this test must run as root (sudo npm test, or a container)');
  },
  get sudo(): string | null {
    return program('sudo', 'sudo');
  },
  get shellcheck(): string | null {
    return program('shellcheck', 'shellcheck');
  },
  get busybox(): string | null {
    return program('busybox', 'busybox');
  },
  /** A real browser, started by test/helpers/browser.ts. */
  get chromium(): string | null {
    return program('chromium', 'chromium');
  },
  /** For any other program: `needs.program('fish', 'fish')`. */
  program,
};

/** A title that tells why its tests are skipped. */
export function title(name: string, need: string | null): string {
  return need === null ? name : `${name} [skipped: ${need}]`;
}
