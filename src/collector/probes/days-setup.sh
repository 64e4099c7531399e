# Which lines of a text log are of the window, by their day: no line older than that leaves the host. Sets DAYS, a part of
# an awk program that takes `since` and `now` in seconds and defines recent(LINE). A day more at both ends, whatever the
# zone of the log; a line whose day cannot be told is kept, and the reader decides.
# shellcheck disable=SC2016 # awk's own variables
DAYS='
function civil(z,  era, doe, yoe, doy, mp, y, m, d) {
  z += 719468; era = int(z / 146097); doe = z - era * 146097
  yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
  doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100)); mp = int((5 * doy + 2) / 153)
  d = doy - int((153 * mp + 2) / 5) + 1; m = mp < 10 ? mp + 3 : mp - 9; y = yoe + era * 400 + (m <= 2)
  day[sprintf("%04d-%02d-%02d", y, m, d)] = 1
  day[substr("JanFebMarAprMayJunJulAugSepOctNovDec", 3 * m - 2, 3) sprintf(" %2d", d)] = 1
}
BEGIN { for (z = int(since / 86400) - 1; z <= int(now / 86400) + 1; z++) civil(z) }
function recent(s) {
  if (s ~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]/) return substr(s, 1, 10) in day
  if (s ~ /^[A-Z][a-z][a-z] [ 0-9][0-9] /) return substr(s, 1, 6) in day
  return 1
}
'
# journal_entry: the oldest entry of the system's own journal: those of users may reach back further than that.
journal_entry() { T "$1" journalctl -q --no-pager -o json --output-fields=_PID --system 2>/dev/null </dev/null | head -n 1; }
# JOURNAL_ENTRY is asked once for the probes that read the journal: every start of journalctl costs as much as ten programs.
# One that does not answer soon is asked again by each, and given more time.
JOURNAL_ENTRY=
! command -v journalctl >/dev/null || JOURNAL_ENTRY=$(journal_entry 5)
# journal_speaks: whether there is a journal that holds anything this login may read.
journal_speaks() {
  command -v journalctl >/dev/null || return
  [ -n "$JOURNAL_ENTRY" ] || [ -n "$(journalctl -q -n 1 --no-pager 2>/dev/null | head -c 100)" ]
}
# journal_begins: sets OLDEST to the time of that entry in microseconds, or `-`.
journal_begins() {
  [ -n "$JOURNAL_ENTRY" ] || JOURNAL_ENTRY=$(journal_entry 20)
  set -- "$JOURNAL_ENTRY"
  OLDEST=-
  case $1 in *'"__REALTIME_TIMESTAMP"'*) OLDEST=${1#*'"__REALTIME_TIMESTAMP"'}; OLDEST=${OLDEST#*'"'}; OLDEST=${OLDEST%%'"'*} ;; esac
  case $OLDEST in '' | *[!0-9]*) OLDEST=- ;; esac
}
