# Which accounts exist. Functions of the set-up; sshd-setup.sh calls them.
#   ACCOUNTS        passwd(5) lines, each behind its source: `n:` enumerated by NSS, `l:` only found by looking a name up
#   ACCOUNTS_CUT    1 when there were more than 2,000
#   ACCOUNT_GROUPS  `name<TAB>group names<TAB>group ids` lines, primary group first
# Set-up scripts print nothing and read no standard input, which is the script itself.
TAB='	'
ACCOUNT_GAPS=
account_gap() { case $NL$ACCOUNT_GAPS in *"$NL$1$NL"*) ;; *) ACCOUNT_GAPS=$ACCOUNT_GAPS$1$NL ;; esac; }
SETUP_GAPS=
setup_gap() { case $NL$SETUP_GAPS in *"$NL$1$NL"*) ;; *) SETUP_GAPS=$SETUP_GAPS$1$NL ;; esac; }

ACCOUNTS=
ACCOUNTS_CUT=0
account_names() { put "$ACCOUNTS" | cut -d: -f2; }
# add_accounts SOURCE RAW: whole passwd(5) lines of names not known yet. NIS markers (`+`, `-`) are no accounts.
add_accounts() {
  _a=$(put "$ACCOUNTS#$NL$2$NL" | awk -F: -v s="$1" '
    mark == 0 { if ($0 == "#") { mark = 1; max = 2000 - known } else { seen[$2] = 1; known++ } next }
    $0 == "" || $0 ~ /^[+-]/ { next }
    NF != 7 || $1 == "" || $1 ~ /[\t\r]/ || $3 !~ /^[0-9]+$/ || $4 !~ /^[0-9]+$/ { bad = 1; next }
    seen[$1]++ { next }
    n >= max { cut = 1; next }
    { n++; print s ":" $0 }
    END { if (cut) print "#cut"; if (bad) print "#bad" }')
  # Every line of an account begins with its source and a colon.
  case $NL$_a in *"$NL#cut"*) ACCOUNTS_CUT=1; account_gap 'more than 2000 accounts: the rest was left out' ;; esac
  case $NL$_a in *"$NL#bad") account_gap 'some lines of the account database are not passwd(5) lines' ;; esac
  case $_a in '#'*) _a= ;; *) _a=${_a%%"$NL#"*} ;; esac
  [ -z "$_a" ] || ACCOUNTS=$ACCOUNTS$_a$NL
}
read_accounts() {
  _p=
  ! command -v getent >/dev/null || _p=$(T 10 getent passwd | head -c 1000000)
  [ -n "$_p" ] || _p=$(head -c 1000000 /etc/passwd)
  [ "${#_p}" -lt 999999 ] || { ACCOUNTS_CUT=1; account_gap 'the account database is larger than 1000000 bytes: the rest was left out'; }
  add_accounts n "$_p"
}
# look_up NAMES: names (one per line) that enumeration did not tell, asked for one by one in a single call.
look_up() {
  command -v getent >/dev/null || return
  _n=$(put "$ACCOUNTS#$NL$1$NL" | awk '
    mark == 0 { if ($0 == "#") mark = 1; else { split($0, f, ":"); seen[f[2]] = 1 } next }
    $0 != "" && $0 !~ /^[-+0-9]/ && $0 !~ /[:*?!\t\r\/]/ && length($0) < 65 && !seen[$0]++ { if (n++ < 200) print; else if (n == 201) print "#" }')
  case $_n in '') return ;; *'#'*) account_gap 'more than 200 names were found that account enumeration does not tell' ;; esac
  _old=$IFS; IFS=$NL; set -f
  # shellcheck disable=SC2086 # one name per line
  _p=$(T 10 getent passwd -- $_n | head -c 200000)
  set +f; IFS=$_old
  add_accounts l "$_p"
}

# ACCOUNT_GROUPS: `name<TAB>group names<TAB>group ids` lines, primary group first.
ACCOUNT_GROUPS=
read_groups() {
  _n=$(account_names)
  _old=$IFS; IFS=$NL; set -f
  # Names and numbers apart: in what id(1) tells of both together, a name can pass for further groups.
  # shellcheck disable=SC2086 # one name per line
  _g=$(T 10 id -Gn -- $_n) _i=$(T 10 id -G -- $_n)
  join_groups
  if [ "$ACCOUNT_GROUPS" = "#$NL" ]; then
    _g='' _i='' _c=0
    for _u in $_n; do
      _c=$((_c + 1))
      [ "$_c" -le 300 ] || { account_gap 'the groups of accounts after the first 300 were not read'; break; }
      _g=$_g$(T 5 id -Gn -- "$_u")$NL _i=$_i$(T 5 id -G -- "$_u")$NL
    done
    _g=${_g%"$NL"} _i=${_i%"$NL"}
    join_groups short
  fi
  set +f; IFS=$_old
}
# join_groups [short]: ACCOUNT_GROUPS from the lines of _n, _g and _i; `#` when they are not as many, unless they may be fewer.
join_groups() {
  ACCOUNT_GROUPS=$(put "$_n$NL#$NL$_g$NL#$NL$_i$NL" | awk -v short="$1" '
    $0 == "#" { part++; n = 0; next }
    { n++; many[part + 0] = n } part == 0 { name[n] = $0; m = n } part == 1 { g[n] = $0 } part == 2 { i[n] = $0 }
    END {
      if (short == "" && (many[1] != m || many[2] != m)) { print "#"; exit }
      for (n = 1; n <= m; n++) print name[n] "\t" g[n] "\t" i[n]
    }')$NL
}
