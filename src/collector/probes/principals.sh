# Principals: every file sshd may read for any account, and every file in their folders. Records as of authorized-keys.
probe_principals() {
  hunt authorizedprincipalsfile one '/etc/ssh/auth_principals/%u' 65536 1048576
}
