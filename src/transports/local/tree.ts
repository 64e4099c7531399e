/**
 * Running the collector inside another file tree: a golden image, or a container's root. Sources: unshare(1),
 * mount(8), chroot(8).
 */

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

/** One word for sh, whatever it holds. */
function word(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * What /bin/sh runs here to start a shell with the collector on its standard input inside `root`, by sudo when this
 * process is not root.
 * @param root absolute path
 */
export function treeCommand(root: string): string {
  const enter = `unshare -m -p -n -u -i --fork --kill-child /bin/sh -c ${word(ENTER)} sh ${word(root)}`;
  return `if [ "$(id -u)" = 0 ]; then exec ${enter}; else exec sudo -n -- ${enter}; fi`;
}
