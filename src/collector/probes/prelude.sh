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

# --- put TEXT: prints it as it is. mksh has no printf of its own, and no other program takes more than 128 KiB in one argument.
case ${KSH_VERSION-} in
  *MIRBSD* | *LEGACY*) put() { print -rn -- "$1"; } ;;
  *) put() { printf %s "$1"; } ;;
esac

# --- bytes to base64 on one line, with whatever the host has
if base64 -w0 </dev/null >/dev/null 2>&1; then b64() { base64 -w0; }
elif command -v base64 >/dev/null 2>&1; then b64() { base64 | tr -d '\n'; }
elif command -v openssl >/dev/null 2>&1; then b64() { openssl base64 -A; }
else
  b64() {
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

# --- a SHA-256 of what was sent, where the host can make one
if command -v sha256sum >/dev/null 2>&1; then sum() { _x=$(sha256sum); put "${_x%% *}"; }
elif command -v openssl >/dev/null 2>&1; then sum() { _x=$(openssl dgst -sha256 -r); put "${_x%% *}"; }
else sum() { echo -; }
fi

# --- word TEXT: sets W to one blank-free word: `-` for empty, the text itself when harmless, else `=` and its encoding.
word() {
  case $1 in
    '') W=- ;;
    - | *[!A-Za-z0-9_./:@%+,-]*) W="=$(put "$1" | b64)" ;;
    *) W=$1 ;;
  esac
}

# --- probe NAME MAXBYTES FUNCTION: runs FUNCTION with its output caught in pipes, prints one frame.
# Lines of a frame: `r<status>`, `o<stdout>`, `e<stderr>`, in this order, then `h<sum of those lines>`.
# One byte more than the limit is sent on, so that the reader can see the cut.
COUNT=0
probe() {
  _raw=$(
    { { { $3 2>&4 </dev/null; echo "r$?" >&5; } | { _o=$(head -c "$(($2 + 1))" | b64); put "o$_o$NL" >&5; }; } 4>&1 \
      | { _e=$({ head -c 4096; cat >/dev/null; } | b64); printf 'e%s\n' "$_e"; }; } 5>&1
  )
  COUNT=$((COUNT + 1))
  put "@@$NONCE P $1 $2$NL$_raw${NL}h$(put "$_raw$NL" | sum)$NL"
}

# --- stat_word PATH [-L]: sets S to `rawmode-in-hex uid gid size mtime ctime`, or six dashes.
# shellcheck disable=SC2086 # $2 is an option or nothing
stat_word() { S=$(stat $2 -c '%f %u %g %s %Y %Z' -- "$1" 2>/dev/null) || S='- - - - - -'; }

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
      _t=$(readlink -- "$_a"; echo .); _t=${_t%??}
      case $_t in '') return 1 ;; /*) _a=$_t ;; *) _a=${_a%/*}/$_t ;; esac
    else
      case $_a in /*) _a=${_a%/*}; _a=${_a:-/} ;; *) return 1 ;; esac
    fi
  done
}

# --- read_file PATH MAXBYTES: an `F path realpath status stat content` record, preceded by its folders.
# status: ok cut missing denied not-regular timeout failed. Only regular files are opened.
read_file() {
  _r=$(readlink -f -- "$1" 2>/dev/null; echo .); _r=${_r%??}
  [ -n "$_r" ] || _r=$1
  folders "$1"; [ "$_r" = "$1" ] || folders "$_r"
  stat_word "$1" -L; _c=-
  case $S in
    -*) if (absent "$1"); then _s=missing; else _s=denied; fi ;;
    8*)
      # shellcheck disable=SC2086 # six words on purpose
      set -- "$1" "$2" $S
      _s=ok; [ "$6" -le "$2" ] 2>/dev/null || _s='cut'
      if [ "$6" != 0 ]; then
        _c=$(T 10 head -c "$2" -- "$1" 2>/dev/null | b64)
        [ -n "$_c" ] || { _c=-; if [ -r "$1" ]; then _s=failed; else _s=denied; fi; }
      else
        # A size of 0 may be a kernel file that has content all the same.
        _c=$(T 10 head -c "$2" -- "$1" 2>/dev/null | b64); [ -n "$_c" ] || _c=-
      fi ;;
    *) _s=not-regular ;;
  esac
  word "$1"; _p=$W; word "$_r"
  echo "F $_p $W $_s $S $_c"
}
