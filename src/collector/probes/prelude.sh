# Framing and helpers. The collector reads; it writes no file, changes no setting and leaves nothing running.
LC_ALL=C; export LC_ALL; LANG=C; export LANG; TZ=UTC0; export TZ; umask 077
# System folders first: a program planted in /usr/local or in the login's own PATH must not answer for a real one.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin; export PATH
unset CDPATH ENV BASH_ENV GREP_OPTIONS GREP_COLOR POSIXLY_CORRECT
set +e +u
IFS=' 	
'
NL='
'
ME=$(id -u)

# --- put TEXT: prints it as it is. mksh has no printf of its own, and no other program takes more than 128 KiB in one argument.
case ${KSH_VERSION-} in
  *MIRBSD* | *LEGACY*) put() { print -rn -- "$1"; } ;;
  *) put() { printf %s "$1"; } ;;
esac

# --- base64 -w0: bytes to base64 on one line, with whatever the host has. A function only where the program cannot: a
# function in a pipe is one process more, some hundred times.
if base64 -w0 </dev/null >/dev/null 2>&1; then :
elif command -v base64 >/dev/null 2>&1; then base64() { command base64 | tr -d '\n'; }
elif command -v openssl >/dev/null 2>&1; then base64() { openssl base64 -A; }
else
  base64() {
    od -An -v -tx1 | tr -d ' \n' | fold -w 6 | awk '
      BEGIN { c = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"; h = "0123456789abcdef" }
      { n = length($0) / 2; v = 0
        for (i = 1; i <= 6; i++) v = v * 16 + (i <= 2 * n ? index(h, substr($0, i, 1)) - 1 : 0)
        o = ""; for (i = 0; i < 4; i++) { o = (i < 3 - n ? "=" : substr(c, v % 64 + 1, 1)) o; v = int(v / 64) }
        printf "%s", o }'
  }
fi

# --- T SECONDS COMMAND…: bounded in time where the host has timeout(1); 124, 137 or 143 mean the limit was hit.
# The probe's own pipes are closed to it: busybox leaves a watcher behind that would hold them for a second more.
if timeout 5 true >/dev/null 2>&1; then T() { timeout "$@" 4>&- 5>&-; }
else T() { shift; "$@"; }
fi

# --- sha256sum: a SHA-256 and a blank, where the host can make one
if command -v sha256sum >/dev/null 2>&1; then :
elif command -v openssl >/dev/null 2>&1; then sha256sum() { openssl dgst -sha256 -r; }
else sha256sum() { echo -; }
fi

# --- word TEXT: sets W to one blank-free word: `-` for empty, the text itself when harmless, else `=` and its encoding.
word() {
  case $1 in
    '') W=- ;;
    - | *[!A-Za-z0-9_./:@%+,-]*) W="=$(put "$1" | base64 -w0)" ;;
    *) W=$1 ;;
  esac
}

# --- probe NAME MAXBYTES FUNCTION: runs FUNCTION with its output caught in pipes, prints one frame.
# Lines of a frame: `r<status>`, `o<stdout>`, `e<stderr>`, in this order, then `h<sum of those lines>`.
# One byte more than the limit is sent on, so that the reader can see the cut. Errors are read to their end, or the probe
# would die of a closed pipe; nearly always there are none, and then nothing is started to encode them.
COUNT=0
probe() {
  _raw=$(
    { { { $3 2>&4 </dev/null; echo "r$?" >&5; } | { _o=$(head -c "$(($2 + 1))" | base64 -w0); put "o$_o$NL" >&5; }; } 4>&1 \
      | { _e=$(head -c 4096; echo .); _e=${_e%.}; [ -z "$_e" ] || { _e=$(put "$_e" | base64 -w0); cat >/dev/null; }; put "e$_e$NL"; }; } 5>&1
  )
  _h=$(put "$_raw$NL" | sha256sum)
  COUNT=$((COUNT + 1))
  put "@@$NONCE P $1 $2$NL$_raw${NL}h${_h%% *}$NL"
}

# --- stat_word PATH [-L]: sets S to `rawmode-in-hex uid gid size mtime ctime`, or six dashes.
# With -L what stat_ahead already asked is not asked again.
# shellcheck disable=SC2086 # $2 is an option or nothing
stat_word() {
  case ${2-}:$1 in
    :* | *"$NL"* | *'	'*) ;;
    *) case $STATS$AHEAD in *"$NL$1	"*) S=$STATS$AHEAD; S=${S#*"$NL$1	"}; S=${S%%"$NL"*}; return ;; esac ;;
  esac
  S=$(stat $2 -c '%f %u %g %s %Y %Z' -- "$1" 2>/dev/null) || S='- - - - - -'
}
# stat_ahead PATHS…: one stat(1) for several paths, which hold no tab and no line end. Sets A to `path<TAB>stat` lines.
stat_ahead() { A=$(stat -L -c '%n	%f %u %g %s %Y %Z' -- "$@" 2>/dev/null); }
# told PATH: sets V to the rest of the line of A that begins with PATH and a blank; to nothing when there is none.
told() {
  V=
  case $NL$A in *"$NL$1 "*) V=$NL$A; V=${V#*"$NL$1 "}; V=${V%%"$NL"*} ;; esac
}
# STATS are the folders that nearly every probe tells, AHEAD those of the file at hand.
stat_ahead / /etc /etc/ssh /etc/ssh/auth_principals /etc/cron.d /etc/sudoers.d /etc/systemd /etc/systemd/system /home /root /usr /usr/local /usr/local/bin /usr/sbin
STATS=$NL$A$NL AHEAD=

# --- folders PATH: a `D path stat` record for every folder above PATH, each once per probe.
SEEN=$NL
folders() {
  _d=$1
  while :; do
    case $_d in */*) _d=${_d%/*} ;; *) return ;; esac
    _n=${_d:-/}
    case $SEEN in *"$NL$_n$NL"*) ;; *) SEEN=$SEEN$_n$NL; stat_word "$_n" -L; word "$_n"; echo "D $W $S" ;; esac
    [ -n "$_d" ] || return
  done
}
# stat_way PATH: asks ahead for PATH and the folders above it that nothing is known of yet. More than one, else it does
# not pay.
stat_way() {
  AHEAD=
  case $1 in *"$NL"* | *'	'*) return ;; /*) ;; *) return ;; esac
  _d=$1
  set -- "$1"
  while :; do
    _d=${_d%/*}
    [ -n "$_d" ] || break
    case $SEEN$STATS in *"$NL$_d$NL"* | *"$NL$_d	"*) ;; *) set -- "$_d" "$@" ;; esac
  done
  [ "$#" = 1 ] || { stat_ahead "$@"; AHEAD=$NL$A$NL; }
}

# --- plain PATH: whether PATH is its own real path for certain: absolute, no detours, no symbolic link on the way, and in a
# folder that may be searched.
plain() {
  case $1/ in [!/]* | *//* | */./* | */../*) return 1 ;; esac
  _d=$1
  [ -d "${_d%/*}/" ] && [ -x "${_d%/*}/" ] || return 1
  while [ -n "$_d" ]; do
    [ ! -L "$_d" ] || return 1
    _d=${_d%/*}
  done
}

# --- absent PATH: whether nothing is there for certain: the way to it may be searched and ends, links followed. Moves the
# working folder, because entering a folder is the one test of it that no shell answers from the mode alone.
absent() {
  _a=$1 _h=0
  while [ "$_h" -lt 64 ]; do
    _h=$((_h + 1))
    if [ -d "$_a" ]; then
      [ "$_a" != "$1" ] || return 1
      cd "$_a" 2>/dev/null || return 1
      return 0
    fi
    [ ! -e "$_a" ] || { [ "$_a" != "$1" ]; return; }
    if [ -L "$_a" ]; then
      _t=$(readlink -- "$_a"; echo .); _t=${_t%.}; _t=${_t%"$NL"}
      case $_t in '') return 1 ;; /*) _a=$_t ;; *) _a=${_a%/*}/$_t ;; esac
    else
      case $_a in /*) _a=${_a%/*}; _a=${_a:-/} ;; *) return 1 ;; esac
    fi
  done
}

# --- read_file PATH MAXBYTES: an `F path realpath status stat content` record, preceded by its folders.
# status: ok cut missing denied not-regular timeout failed. Only regular files are opened.
read_file() {
  _r=$1
  plain "$1" || { _r=$(readlink -f -- "$1" 2>/dev/null; echo .); _r=${_r%.}; _r=${_r%"$NL"}; [ -n "$_r" ] || _r=$1; }
  stat_way "$1"
  folders "$1"; [ "$_r" = "$1" ] || folders "$_r"
  stat_word "$1" -L; _c=-
  case $S in
    -*) if (absent "$1"); then _s=missing; else _s=denied; fi ;;
    8*)
      # shellcheck disable=SC2086 # six words on purpose
      set -- "$1" "$2" $S
      _s=ok; [ "$6" -le "$2" ] 2>/dev/null || _s='cut'
      if [ "$6" != 0 ]; then
        _c=$(T 10 head -c "$2" -- "$1" 2>/dev/null | base64 -w0)
        [ -n "$_c" ] || { _c=-; if [ -r "$1" ]; then _s=failed; else _s=denied; fi; }
      else
        # A size of 0 may be a kernel file that has content all the same.
        _c=$(T 10 head -c "$2" -- "$1" 2>/dev/null | base64 -w0); [ -n "$_c" ] || _c=-
      fi ;;
    *) _s=not-regular ;;
  esac
  word "$1"; _p=$W; word "$_r"
  echo "F $_p $W $_s $S $_c"
}
