#!/bin/sh
# Becomes one lab host. Started by lab.ts as:
#   unshare --mount --uts --ipc --pid --fork --kill-child --propagation private sh host.sh DIR
# DIR holds: env (shell assignments), setup.sh, late.sh; DIR/../../template and DIR/../../material are shared.
# All mounts live in this mount namespace and all processes in this PID namespace: when pid 1 ends, nothing is left.
# Standard output carries the progress lib.ts reads: "PID n", "READY" or "FAILED text".
set -eu
D=$1
S=${D%/*/*}
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 022

fail() { printf 'FAILED %s\n' "$*"; exit 1; }

# /proc is still the outer one here, so this is the process id the outside knows us by.
# `start` (field 22) makes the pair unique, whatever becomes of the number. Recorded before anything else happens.
read -r stat </proc/self/stat
pid=${stat%% *}
rest=${stat##*) }
# shellcheck disable=SC2086 # the fields are wanted as words
set -- $rest
shift 19
printf '%s %s\n' "$pid" "$1" >"$D/pid.new"
mv "$D/pid.new" "$D/pid"
printf 'PID %s\n' "$pid"

# shellcheck source=/dev/null # NAME ADDRESS PORT ROOT_SIZE JOURNAL RSYSLOG SSHD COLLECT CGROUP, written by lab.ts
. "$D/env"
SETUP=$(cat "$D/setup.sh"; printf x); SETUP=${SETUP%x}
LATE=$(cat "$D/late.sh"; printf x); LATE=${LATE%x}
hostname "$NAME"
# A cgroup of its own, below the fleet's: the fleet can be ended as a whole, and inside daemons run in cgroups named
# after their units, which is how the journal knows that a line is of ssh.service.
printf '0\n' >"$CGROUP/cgroup.procs" || fail 'no cgroup'

# The file system: the machine's /usr and nothing else of it. `mid` holds whiteouts over everything to be hidden,
# `up` what the host has instead.
T=$D/t
mkdir -p "$T"
mount -t tmpfs -o "size=$ROOT_SIZE,mode=755" lab "$T" || fail 'no tmpfs'
mkdir "$T/work" "$T/root"
cp -a "$S/template/mid" "$S/template/up" "$T/" || fail 'no template'
[ ! -d "$D/files" ] || cp -a "$D/files/." "$T/up/"
mount -t overlay -o "lowerdir=$T/mid:/,upperdir=$T/up,workdir=$T/work" overlay "$T/root" || fail 'no overlayfs'
R=$T/root

mount -t proc -o nosuid,nodev,noexec proc "$R/proc"
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$R/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$R/sys/fs/cgroup" || fail 'no cgroup2'
mount -t tmpfs -o mode=755,size=1m dev "$R/dev"
mount -t tmpfs -o mode=755,size=16m run "$R/run"
mount -t tmpfs -o mode=1777,size=16m tmp "$R/tmp"
mknod -m 666 "$R/dev/null" c 1 3
mknod -m 666 "$R/dev/zero" c 1 5
mknod -m 666 "$R/dev/full" c 1 7
mknod -m 666 "$R/dev/random" c 1 8
mknod -m 666 "$R/dev/urandom" c 1 9
mknod -m 666 "$R/dev/tty" c 5 0
mkdir "$R/dev/pts" "$R/dev/shm"
chmod 1777 "$R/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$R/dev/pts"
ln -s pts/ptmx "$R/dev/ptmx"
ln -s /proc/self/fd "$R/dev/fd"
ln -s fd/0 "$R/dev/stdin"
ln -s fd/1 "$R/dev/stdout"
ln -s fd/2 "$R/dev/stderr"
ln -s /run/systemd/journal/dev-log "$R/dev/log"
mkdir -p "$R/run/sshd" "$R/run/lock" "$R/run/systemd/journal" "$R/run/lab"
chmod 1777 "$R/run/lock"
chmod 700 "$R/run/lab"
cp -a "$S/material/." "$R/run/lab/"
if [ "$COLLECT" = 1 ]; then
  mkdir -p "$R/var/log/collected"
  mount --bind "$S/collected" "$R/var/log/collected"
fi

mkdir "$R/.old"
cd "$R"
pivot_root . .old
cd /
umount -l /.old
rmdir /.old
exec </dev/null

snippet() { # name text
  printf '%s' "$2" | LAB=/run/lab NAME=$NAME ADDRESS=$ADDRESS PORT=$PORT sh -eu -s >/run/lab/out 2>&1 ||
    fail "$1 ended with $?: $(tail -n 5 /run/lab/out | tr '\n' ' ')"
}
wait_for() { # path: sockets appear within a few hundredths of a second
  n=0
  until [ -e "$1" ]; do
    n=$((n + 1))
    [ "$n" -lt 500 ] || fail "$1 did not appear"
    sleep 0.01
  done
}

unit() { # name command...: starts a daemon in the cgroup systemd would give it, which it inherits from us
  c=/sys/fs/cgroup$INNER
  mkdir -p "$c/system.slice/$1"
  printf '0\n' >"$c/system.slice/$1/cgroup.procs"
  shift
  "$@" &
  printf '0\n' >"$c/cgroup.procs"
}

snippet setup "$SETUP"
if [ "$JOURNAL" = 1 ]; then
  # Only the journal's own programs are in its journal: nothing of the kernel, which is the machine's.
  unit systemd-journald.service /lib/systemd/systemd-journald >/dev/null 2>&1
  wait_for /run/systemd/journal/dev-log
fi
if [ "$RSYSLOG" = 1 ]; then
  unit rsyslog.service rsyslogd -iNONE -n >/dev/null 2>&1
  [ "$JOURNAL" != 1 ] || wait_for /run/systemd/journal/syslog
fi
case $SSHD in
  none) ;;
  *)
    # SSHD holds the arguments, e.g. "-D" or "-D -o LogLevel=QUIET".
    # shellcheck disable=SC2086 # words
    unit ssh.service /usr/sbin/sshd $SSHD >/run/lab/sshd.out 2>&1
    wait_for /run/sshd.pid
    ;;
esac
snippet late "$LATE"
rm -rf /run/lab
mount -o remount,bind,ro /sys/fs/cgroup || fail 'cgroups stay writable'
printf 'READY\n'
exec >/dev/null 2>&1

# pid 1: adopts and reaps whatever is orphaned, for ever. A shell's `wait` reaps strangers too.
exec /bin/bash -c 'exec -a /sbin/init /bin/dash -c "while :; do sleep 3600 & wait \$!; done"'
