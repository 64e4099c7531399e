# Where people and programs keep credentials, asked once for the probes that search there.
# CREDENTIAL_FOLDERS, a folder a line behind its letter. `d folder`: every home, the usual places and what is mounted below them, none inside another. `x folder` lines
# are not looked into: homes that do not answer, and network mounts that are no home.
credential_folders() {
  {
    put "$HUNG#$NL$ACCOUNTS#$NL"
    printf '%s\n' /root /home /etc /opt /srv /secure /data/ssh /backup /.ssh /usr/local/etc /usr/local/bin /usr/local/sbin /usr/local/share \
      /var/backups /var/lib/jenkins /var/lib/gitlab-runner /var/lib/buildkite-agent /tmp /var/tmp /dev/shm /run/user /run/secrets '#'
    cat /proc/self/mounts
  } | awk '
    # Whether a folder above it is among the names of a list.
    function below(d, list) { while (sub("/[^/]*$", "", d) && d != "") if (d in list) return 1; return 0 }
    function keep(d) { if (!(d in seen)) { seen[d] = 1; all[++n] = d } }
    $0 == "#" && part < 3 { part++; next }
    { kind = substr("xhbm", part + 1, 1); d = $0 }
    kind == "h" { split($0, f, ":"); d = f[7] }
    kind == "m" { fs = $3; d = $2; gsub(/\\040/, " ", d) }
    { sub(/\/+$/, "", d) }
    d !~ /^\// || d ~ /^\/(proc|sys|bin|sbin|lib|lib64|boot|nonexistent|dev|run|usr|var)$/ || d ~ /^\/(proc|sys|bin|sbin|boot|usr\/(bin|sbin|lib|games))\// { next }
    kind == "x" { dead[d] = 1; next }
    kind == "h" || kind == "b" { keep(d); if (kind == "h") { home[d] = 1; while (sub("/[^/]*$", "", d) && d != "") above[d] = 1 } next }
    fs ~ /^(proc|sysfs|cgroup2?|devpts|securityfs|debugfs|tracefs|bpf|mqueue|hugetlbfs|pstore|autofs|overlay|squashfs|iso9660|nsfs|binfmt_misc|configfs|fusectl|fuse\.(gvfsd-fuse|portal|snapfuse|lxcfs))$/ { next }
    # A mount below a place is a place of its own, because no search goes from one file system into another.
    (d in seen) || below(d, seen) {
      if (fs !~ /^(nfs4?|cifs|smb3|smbfs|ceph|glusterfs|9p|afs|lustre|fuse\..*)$/ || (d in home) || below(d, home) || (d in above)) { mount[d] = 1; keep(d) }
      else { dead[d] = 1 }
    }
    END {
      for (i = 1; i <= n; i++) if (!(all[i] in dead) && !below(all[i], dead) && ((all[i] in mount) || !below(all[i], seen))) print "d " all[i]
      for (d in dead) print "x " d
    }'
}
CREDENTIAL_FOLDERS=$(credential_folders 2>/dev/null </dev/null)
