/** The plan as one POSIX sh script: the same steps as the playbook, a section for each group of hosts. */
import { PATHS, RELOAD } from './scripts.js';
import { shellQuote } from './shell-quote.js';
import type { Automatic, Edit, RemedyPlan } from './types.js';

/** Everything the sections call. `keep` copies a file before its first change; any failure puts all copies back. */
const FUNCTIONS = `${PATHS}LC_ALL=C
export LC_ALL
umask 022
${RELOAD}
copies=
changed=
count=0
fail() { echo "ssh-scorecard: $*" >&2; exit 1; }
undo_all() {
  [ -n "$changed" ] || return 0
  n=0
  while [ "$n" -lt "$count" ]; do
    path=$(cat "$copies/$n.path"; printf x); path=\${path%x}
    if [ -e "$copies/$n" ]; then cp -p -- "$copies/$n" "$path"; else rm -f -- "$path"; fi
    n=$((n + 1))
  done
}
finish() {
  status=$?
  trap - EXIT
  if [ "$status" -ne 0 ] && [ -n "$changed" ]; then
    undo_all
    reload
    echo 'ssh-scorecard: what was changed is put back as it was' >&2
  fi
  [ -z "$copies" ] || rm -rf -- "$copies"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' HUP INT TERM
keep() {
  [ ! -L "$1" ] || fail "$1 is a symbolic link: look at it first"
  [ ! -e "$1" ] || [ -f "$1" ] || fail "$1 is no regular file"
  [ -n "$copies" ] || copies=$(mktemp -d)
  printf %s "$1" >"$copies/$count.path"
  [ ! -e "$1" ] || cp -p -- "$1" "$copies/$count"
  count=$((count + 1))
  changed=yes
}
# Replaces a file by standard input when that differs; owner and mode stay.
put() {
  [ -n "$copies" ] || copies=$(mktemp -d)
  cat >"$copies/new"
  if [ -f "$1" ] && cmp -s -- "$copies/new" "$1"; then return 0; fi
  keep "$1"
  next=$(mktemp -- "$1.XXXXXX")
  cat "$copies/new" >"$next"
  if [ -e "$1" ]; then
    chown -h "$(stat -c %u:%g -- "$1")" "$next"
    chmod "$(stat -c %a -- "$1")" "$next"
  else
    chmod 0644 "$next"
  fi
  mv -f -- "$next" "$1"
  echo "changed: $1"
}
# Not through a pipe: what \`put\` notes would be lost with the subshell.
content() { printf %s "$2" >"$scratch"; put "$1" <"$scratch"; }
absent() {
  [ -f "$1" ] || return 0
  SCORECARD_LINE=$2 awk '{ line = $0; sub(/\\r$/, "", line) } line != ENVIRON["SCORECARD_LINE"]' "$1" >"$scratch"
  put "$1" <"$scratch"
}
present() {
  if [ -f "$1" ]; then
    if grep -qxF -e "$2" -- "$1"; then return 0; fi
    # A last line without an end would swallow the new one.
    { awk 1 "$1"; printf '%s\\n' "$2"; } >"$scratch"
  else
    printf '%s\\n' "$2" >"$scratch"
  fi
  put "$1" <"$scratch"
}
drop_key() {
  [ -f "$1" ] || return 0
  SCORECARD_TYPE=$2 SCORECARD_KEY=$3 awk '{
    gone = 0
    if ($0 !~ /^[ \\t]*#/)
      for (i = 1; i < NF; i++) {
        word = $(i + 1); sub(/\\r$/, "", word)
        if ($i == ENVIRON["SCORECARD_TYPE"] && word == ENVIRON["SCORECARD_KEY"]) gone = 1
      }
    if (!gone) print
  }' "$1" >"$scratch"
  put "$1" <"$scratch"
}
disable() {
  [ -f "$1" ] || return 0
  SCORECARD_LINE=$2 awk '$0 == ENVIRON["SCORECARD_LINE"] { printf "# ssh-scorecard: " } { print }' "$1" >"$scratch"
  put "$1" <"$scratch"
}
top() {
  if grep -qxF -e "$2" -- "$1"; then return 0; fi
  { printf '%s\\n' "$2"; cat "$1"; } >"$scratch"
  put "$1" <"$scratch"
}
folder() { [ -d "$1" ] || mkdir -p -- "$1"; }
owner() { chown root:root -- "$1"; chmod "$2" -- "$1"; }
proof() { # binary main connection wanted...
  sshd_says=$("$1" -T -f "$2" -C "$3" | tr '[:upper:]' '[:lower:]')
  shift 3
  for wanted; do
    printf '%s\\n' "$sshd_says" | grep -qxF -e "$wanted" || fail "sshd does not say: $wanted"
  done
}
# The login behind sudo, and how it came in: sshd's own record of the connection.
login_is() { # text that must be in the record
  [ "\${SCORECARD_CONSOLE-}" != yes ] || return 0
  where=\${SCORECARD_CONNECTION-\${SSH_CONNECTION-}}
  [ -n "$where" ] || fail 'cannot tell how you are logged in: give SCORECARD_CONNECTION="$SSH_CONNECTION", or SCORECARD_CONSOLE=yes on the console'
  # shellcheck disable=SC2086
  set -- "$1" $where
  {
    journalctl -q -o cat -t sshd -t sshd-session 2>/dev/null
    cat /var/log/auth.log /var/log/secure /var/log/messages 2>/dev/null
  } | grep -F " from $2 port $3 " | grep -F 'Accepted ' | tail -n 1 | grep -qF -e "$1" ||
    fail 'the log does not show that this login is one that stays open: log in with a certificate first'
}
`;

export function shellCommands(plan: RemedyPlan): string {
  const manual = plan.hosts.flatMap(({ host, manual: steps }) =>
    steps.map(({ check, text }) => comment(`${host}: ${check}: ${text}`)),
  );
  return [
    '#!/bin/sh',
    comment(
      `Mends what the run ${plan.run} found, judged at ${plan.now}. Written by ssh-scorecard remediate.`,
    ),
    comment('Read it. Then, for each host, with its name in the inventory as the only argument:'),
    comment(`  ssh HOST 'sudo SCORECARD_CONNECTION="$SSH_CONNECTION" sh -s HOST' < remediate.sh`),
    comment('Keep a session open, and log in anew in a second one before you close it. Then audit again.'),
    'set -eu',
    FUNCTIONS,
    '[ "$(id -u)" -eq 0 ] || fail "run it as root"',
    'copies=$(mktemp -d)',
    'scratch=$copies/scratch',
    'case ${1-} in',
    ...plan.groups.flatMap(({ hosts, automatic }) => [
      `${hosts.map(shellQuote).join(' | ')})`,
      ...section(automatic),
      '  ;;',
    ]),
    '*) fail "nothing is planned for \\"${1-}\\": give the name of a host as the inventory has it" ;;',
    'esac',
    'echo "done: now log in anew, then audit again"',
    ...(manual.length > 0 ? ['', comment('Steps only a person can take:'), ...manual] : []),
    '',
  ].join('\n');
}

/** Host text in a comment must not end the line. */
function comment(text: string): string {
  return `# ${text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ')}`;
}

function call(name: string, ...words: readonly string[]): string {
  return `  ${[name, ...words.map(shellQuote)].join(' ')}`;
}

function section({ causes, edits, sshd, guard }: Automatic): string[] {
  const mine = (text: string) =>
    `  case \${SUDO_USER-$(id -un)} in ${guard.keysOf.map(shellQuote).join(' | ')}) ${text} ;; esac`;
  return [
    `  ${comment(causes.join(', '))}`,
    ...(guard.keysOf.length > 0 ? [mine("login_is '-CERT '")] : []),
    ...(guard.passwords ? ["  login_is 'Accepted publickey '"] : []),
    ...(guard.root
      ? [
          `  [ -n "\${SUDO_USER-}\${SCORECARD_CONSOLE-}" ] || fail 'you are logged in as root, which is what is closed'`,
        ]
      : []),
    ...edits.flatMap(commandsOf),
    ...(sshd
      ? [
          call(sshd.binary, '-t', '-f', sshd.main),
          ...sshd.proofs.map(({ connection, wanted }) =>
            call('proof', sshd.binary, sshd.main, connection, ...wanted),
          ),
          '  [ -z "$changed" ] || reload',
        ]
      : []),
  ];
}

function commandsOf(edit: Edit): string[] {
  switch (edit.kind) {
    case 'folder':
      return [call('folder', edit.path)];
    case 'content':
      return [call('content', edit.path, edit.content), call('owner', edit.path, '0644')];
    case 'lines':
      return [
        ...edit.absent.map((line) => call('absent', edit.path, line)),
        ...edit.present.map((line) => call('present', edit.path, line)),
      ];
    case 'key':
      return [call('drop_key', edit.path, edit.type, edit.base64)];
    case 'owner':
      return [call('owner', edit.path, edit.mode)];
    case 'disable':
      return [call('disable', edit.path, edit.line)];
    case 'top':
      return [call('top', edit.path, edit.line)];
  }
}
