/**
 * Running the collector inside another file tree: a golden image, or a container's root. Sources: unshare(1),
 * mount(8), chroot(8).
 */
import type { GatherFailure } from '../../model.js';
import { shellWord } from '../shell-word.js';

/**
 * Builds a place for it that only this process sees: the tree is mounted read-only, with a /dev and a /run of its own
 * (sshd wants its empty folder even for a question), and no process, network or mount of this machine is in sight.
 * `$1` is the tree. Everything vanishes with the process.
 */
const ENTER = `
fail() { echo "ssh-scorecard: cannot enter the tree: $1" >&2; exit 97; }
t=$1
[ -x "$t/bin/sh" ] || [ -L "$t/bin/sh" ] || [ -L "$t/bin" ] || fail "there is no /bin/sh in it"
mount --make-rprivate / || fail "mount --make-rprivate"
mount --bind "$t" "$t" && mount -o remount,bind,ro "$t" || fail "mounting it read-only"
cd / && cd "$t" || fail "entering the folder"
for d in dev run; do
  [ -d "$d" ] && [ ! -L "$d" ] || fail "there is no folder /$d in it"
  mount -t tmpfs -o mode=755,nosuid tmpfs "$d" || fail "mounting /$d"
done
mkdir -m 755 run/sshd
for d in null zero full random urandom; do
  : >"dev/$d" && mount --bind "/dev/$d" "dev/$d" || fail "making /dev/$d"
done
ln -s /proc/self/fd dev/fd
if [ -d proc ] && [ ! -L proc ]; then mount -t proc -o nosuid,nodev,noexec proc proc || fail "mounting /proc"; fi
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root chroot . /bin/sh -s
`.trim();

/**
 * What /bin/sh runs here to start a shell with the collector on its standard input inside `root`, by sudo when this
 * process is not root.
 * @param root absolute path
 */
export function treeCommand(root: string): string {
  const enter = `unshare -m -p -n -u -i --fork --kill-child /bin/sh -c ${shellWord(ENTER)} sh ${shellWord(root)}`;
  return `if [ "$(id -u)" = 0 ]; then exec ${enter}; else exec sudo -n -- ${enter}; fi`;
}

/**
 * Why there is nothing from inside the tree, when that is what standard error says.
 * @param stderr of the command of {@link treeCommand}
 */
export function treeFailure(stderr: Uint8Array): GatherFailure | undefined {
  const said = Buffer.from(stderr).toString('utf8', 0, 2000).trim();
  if (/(^|\n)unshare: /.test(said))
    return failure(`this process may not make namespaces; it said: ${said.slice(0, 300)}`, MAY_NOT);
  const lacks = /ssh-scorecard: cannot enter the tree: (.*)/.exec(said)?.[1];
  if (lacks === undefined) return undefined;
  const hint = /there is no/.test(lacks) ? 'give the top of a whole file tree: docs/local.md' : MAY_NOT;
  return failure(`the tree cannot be entered: ${said.slice(0, 300)}`, hint);
}

const MAY_NOT =
  'run it as root of a machine, not inside a container, or give the container CAP_SYS_ADMIN (docs/local.md)';

function failure(detail: string, hint: string): GatherFailure {
  return { code: 'exec-refused', phase: 'exec', detail, hint };
}
