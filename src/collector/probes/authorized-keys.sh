# Static keys: every file sshd may read for any account, both default files of every account, and files that lie beside
# them for names that are no account. Records: `use KIND account path pattern` (u: the expanded pattern, g: found by a
# glob in it, f: found in its folder), `denied account path`, `hung account path`, `value W`, `F`/`D` records, `gap W`.
probe_authorized_keys() {
  hunt authorizedkeysfile many ".ssh/authorized_keys$NL.ssh/authorized_keys2" 1048576 2097152
  # A home that no listed account has: a directory service may not list its people, but sshd knows them.
  for _p in /home/*; do
    [ -d "$_p/.ssh" ] || continue
    case $ACCOUNTS in *":$_p:"* | *":$_p/:"*) continue ;; esac
    look f '' "$_p/.ssh/authorized_keys" '/home/*' 1048576
    look f '' "$_p/.ssh/authorized_keys2" '/home/*' 1048576
  done
  # Dropbear's own place for root.
  look u root /etc/dropbear/authorized_keys '/etc/dropbear/authorized_keys' 1048576
}
