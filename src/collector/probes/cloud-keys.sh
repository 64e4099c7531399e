# Access keys of AWS that never expire: AKIA and sixteen characters (IAM user guide, "IAM identifiers"). No key ID leaves
# the host whole, and no secret at all.
#   `k PATH LINE OWNER LAST SECRET`  LAST: the last four characters; SECRET 1: something like a secret stands in the same file
#   `p NAME OWNER LAST SECRET`       the same of the environment of a process
#   `looked FOLDERS FILES`  `gap W`
cloud_gap() { word "$1"; echo "gap $W"; }
CLOUD_KEY='AKIA[A-Z2-7]{16}'
export CLOUD_KEY

# Prints `LINE LAST` for every key ID, then `secret` or `plain`. A secret has 40 characters of base64, of several kinds.
# shellcheck disable=SC2016 # awk
CLOUD_SCAN='
{
  s = $0
  while ((p = index(s, "AKIA")) > 0) {
    id = substr(s, p, 20); before = p > 1 ? substr(s, p - 1, 1) : " "; after = substr(s, p + 20, 1) " "
    if (length(id) == 20 && id !~ /[^A-Z2-7]/ && before !~ /[A-Za-z0-9]/ && after !~ /^[A-Za-z0-9]/ && id !~ /EXAMPLE$/ && n++ < 50) print FNR, substr(id, 17)
    s = substr(s, p + 4)
  }
  s = $0
  while (match(s, "[A-Za-z0-9/+]+")) {
    t = substr(s, RSTART, RLENGTH); s = substr(s, RSTART + RLENGTH)
    if (length(t) == 40 && t ~ /[a-z]/ && t ~ /[A-Z]/ && t ~ /[0-9]/) secret = 1
  }
}
END { print (secret ? "secret" : "plain") }'

# cloud_times PID: its process group, and when it started in ticks since boot (proc(5), fields 5 and 22 of stat).
# Sets _t to both.
cloud_times() {
  _t=
  { IFS= read -r _t <"/proc/$1/stat"; } 2>/dev/null
  # The name in the brackets may hold anything.
  case $_t in *') '*) ;; *) _t=; return ;; esac
  # shellcheck disable=SC2086 # words
  set -- ${_t##*') '}
  _t="$3 ${20}"
}
# cloud_own PID: whether it belongs to the collector, was started in the same tick, or later: busybox leaves watchers that
# nothing else connects to it, and what starts in these seconds is not looked for.
cloud_own() {
  cloud_times "$1"
  [ "${_t% *}" != "${OWN% *}" ] || return 0
  [ "${_t#* }" -ge "${OWN#* }" ] 2>/dev/null
}

# cloud_records LETTER NAME OWNER SCAN: one record for every key ID; of a process without its line.
cloud_records() {
  case $4 in *secret) _c=1 ;; *plain) _c=0 ;; *) cloud_gap "$2 could not be read for access keys"; return ;; esac
  word "$2"; _p=$W; word "$3"
  put "$4$NL" | awk -v l="$1" -v p="$_p" -v o="$W" -v c="$_c" '$1 ~ /^[0-9]+$/ { print l, p, (l == "k" ? $1 " " : "") o, $2, c }'
}

cloud_files() {
  _old=$IFS; IFS=$NL; set -f
  set --
  for _d in $CREDENTIAL_FOLDERS; do
    case $_d in
      'x '*) cloud_gap "${_d#x } was not searched for access keys: it does not answer, or is a network mount that is nobody's home" ;;
      *) [ ! -d "${_d#d }" ] || set -- "$@" "${_d#d }" ;;
    esac
  done
  FOLDERS=$# _list=
  # A line end in a name would make two names of it.
  [ "$#" = 0 ] || _list=$(T 8 find -H "$@" -xdev -maxdepth 4 -type f -size -65k ! -path "*$NL*" -exec grep -laE "$CLOUD_KEY" -- {} + 2>/dev/null; case $? in 124 | 137 | 143) echo '#' ;; esac)
  case $NL$_list in *"$NL#"*) cloud_gap 'the search for access keys ran into its time limit' ;; esac
  FILES=0
  [ -z "$_list" ] || _list=$(put "$_list$NL" | awk '/^\// && !seen[$0]++' | head -n 101)
  for _f in $_list; do
    [ "$FILES" -lt 100 ] || { cloud_gap 'more than 100 files hold access keys: the rest was left out'; break; }
    FILES=$((FILES + 1))
    _o=$(stat -L -c %U -- "$_f" 2>/dev/null)
    cloud_records k "$_f" "$_o" "$(T 5 head -c 66000 -- "$_f" 2>/dev/null | tr '\000' '\n' | awk "$CLOUD_SCAN")"
  done
  set +f; IFS=$_old
}

cloud_processes() {
  HOLDERS=0; cloud_times $$; OWN=$_t
  [ -r /proc/self/environ ] || { cloud_gap 'the environments of processes cannot be read here'; return; }
  _list=$(T 4 find /proc -maxdepth 2 -path '/proc/[0-9]*/environ' -exec grep -laE "$CLOUD_KEY" -- {} + 2>/dev/null; case $? in 124 | 137 | 143) echo '#' ;; esac)
  case $NL$_list in *"$NL#"*) cloud_gap 'the search of environments ran into its time limit' ;; esac
  [ -z "$_list" ] || _list=$(put "$_list$NL" | grep '^/proc/' | head -n 101)
  for _f in $_list; do
    [ "$HOLDERS" -lt 100 ] || { cloud_gap 'more than 100 processes hold access keys: the rest was left out'; break; }
    _i=${_f#/proc/} _i=${_i%/environ}
    ! cloud_own "$_i" || continue
    HOLDERS=$((HOLDERS + 1))
    _n=$(head -n 1 "/proc/$_i/comm" 2>/dev/null) _o=$(stat -c %U "/proc/$_i" 2>/dev/null)
    # One that has ended meanwhile tells nothing.
    _s=$(T 2 head -c 200000 "$_f" 2>/dev/null | tr '\000' '\n' | awk "$CLOUD_SCAN")
    case $_s in *' '*) cloud_records p "${_n:-?}" "$_o" "$_s" ;; esac
  done
}

probe_cloud_keys() {
  cloud_files
  _list=$(cloud_processes)
  [ -z "$_list" ] || put "$_list$NL" | sort -u
  echo "looked $FOLDERS $FILES"
}
