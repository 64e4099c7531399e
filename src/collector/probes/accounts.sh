# Every account this host knows. Records: `nss W`, `passwd W` (lines behind `n:` or `l:`), `groups W`
# (`name<TAB>group names<TAB>group ids`), `shadow W` (`name:state`, never a hash), `shadow-denied`, `gap W`.
probe_accounts() {
  word "$(sed -n 's/^passwd:[[:space:]]*//p' /etc/nsswitch.conf 2>/dev/null | head -c 300)"; echo "nss $W"
  word "$ACCOUNTS"; echo "passwd $W"
  word "$ACCOUNT_GROUPS"; echo "groups $W"
  if [ -r /etc/shadow ]; then
    word "$(head -c 1000000 /etc/shadow | awk -F: '
      NF > 1 && n++ < 2000 { s = "set"
        if ($2 == "") s = "empty"; else if ($2 ~ /^!+[$_.\/A-Za-z0-9]/) s = "locked"; else if ($2 ~ /^[!*x]/) s = "none"
        print $1 ":" s }')"
    echo "shadow $W"
  else
    echo 'shadow-denied'
  fi
  [ "$ACCOUNTS_CUT" = 0 ] || echo 'cut'
  put "$ACCOUNT_GAPS" | while IFS= read -r _l; do word "$_l"; echo "gap $W"; done
}
