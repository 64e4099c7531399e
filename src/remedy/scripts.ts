/** Fixed POSIX sh texts that the renderings carry. Whatever differs between hosts arrives as arguments or environment. */

/** Makes the running sshd read its configuration again; open sessions go on. Needs nothing but a shell. */
export const RELOAD = `reload() {
  for unit in ssh.service sshd.service; do
    if systemctl is-active --quiet "$unit" 2>/dev/null; then systemctl reload "$unit"; return; fi
  done
  for service in sshd ssh; do
    if rc-service "$service" status >/dev/null 2>&1; then rc-service "$service" reload; return; fi
  done
  pidfile=$(sshd -T 2>/dev/null | sed -n 's/^pidfile //p')
  for file in "$pidfile" /run/sshd.pid /var/run/sshd.pid; do
    if [ -s "$file" ]; then kill -HUP "$(cat "$file")"; return; fi
  done
  echo 'no running sshd was found: it is started for each connection, and reads its files then' >&2
}
`;

/** PATH of a shell that was started by another program may lack the folders of sshd. */
export const PATHS = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nexport PATH\n';

/** Puts files back: pairs of a path and its copy; an empty copy means that the file was not there before. */
export const UNDO = `undo() {
  while [ "$#" -ge 2 ]; do
    if [ -n "$2" ]; then cp -p -- "$2" "$1"; else rm -f -- "$1"; fi
    shift 2
  done
}
`;

/** Arguments: marker file, seconds, pairs. Acts only while the marker is there. */
export const DEAD_MAN = `${PATHS}${RELOAD}${UNDO}marker=$1
sleep "$2"
shift 2
[ -e "$marker" ] || exit 0
undo "$@"
reload
rm -f -- "$marker"
`;

/**
 * Prints sshd's own record of the login in use. Environment: WHERE, the value of SSH_CONNECTION (ssh(1)). A record is a
 * line of the journal that sshd wrote, or of the files syslog writes; the port makes it this connection's.
 */
export const LOGIN_RECORD = `${PATHS}set -f
set -- $WHERE
[ "$#" -eq 4 ] || exit 0
{
  journalctl -q -o cat -t sshd -t sshd-session 2>/dev/null
  cat /var/log/auth.log /var/log/secure /var/log/messages 2>/dev/null
} | grep -F " from $1 port $2 " | grep -F 'Accepted ' | tail -n 1
`;
