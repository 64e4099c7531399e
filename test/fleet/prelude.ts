/** Shell functions every snippet may use, so that deviations stay one or two lines. */
export const PRELUDE = `
# conf KEYWORD VALUE: sets it in sshd_config, in the global part, instead of what the sound host has.
conf() {
  grep -v -i "^$1 " /etc/ssh/sshd_config >/run/lab/conf || true
  { printf '%s %s\\n' "$1" "$2"; cat /run/lab/conf; } >/run/lab/conf2
  # Include stays first, as Debian ships it.
  { echo 'Include /etc/ssh/sshd_config.d/*.conf'; grep -v '^Include ' /run/lab/conf2; } >/etc/ssh/sshd_config
}
# unconf KEYWORD: takes it out, so that the compiled default applies.
unconf() {
  grep -v -i "^$1 " /etc/ssh/sshd_config >/run/lab/conf
  cat /run/lab/conf >/etc/ssh/sshd_config
}
# match TEXT: appends lines, e.g. a Match block.
match() { printf '\\n%b\\n' "$1" >>/etc/ssh/sshd_config; }
# dropin NAME TEXT
dropin() { printf '%b\\n' "$2" >"/etc/ssh/sshd_config.d/$1"; }
# keyfiles: sshd looks where it does by default.
keyfiles() { unconf AuthorizedKeysFile; }
# authorize ACCOUNT FILE: standard input becomes that file in the account's .ssh, with the modes sshd wants.
authorize() {
  home=$(getent passwd "$1" | cut -d: -f6)
  install -d -m 700 -o "$1" "$home/.ssh"
  cat >"$home/.ssh/$2"
  chown "$1" "$home/.ssh/$2"
  chmod 600 "$home/.ssh/$2"
}
# place ACCOUNT FROM NAME [MODE]: a file of $LAB into the account's .ssh.
place() {
  home=$(getent passwd "$1" | cut -d: -f6)
  install -d -m 700 -o "$1" "$home/.ssh"
  install -m "\${4:-600}" -o "$1" "$LAB/$2" "$home/.ssh/$3"
}
# account NAME UID HOME SHELL
account() {
  printf '%s:x:%s:%s::%s:%s\\n' "$1" "$2" "\${5:-$2}" "$3" "$4" >>/etc/passwd
  printf '%s:*:19000:0:99999:7:::\\n' "$1" >>/etc/shadow
  getent group "$2" >/dev/null || printf '%s:x:%s:\\n' "$1" "$2" >>/etc/group
  [ -d "$3" ] || install -d -m 750 -o "$2" -g "$2" "$3"
}
`;
