/** The inventory `init` writes: small, valid as it stands, every line explained. */

export const INVENTORY_TEMPLATE = `# Inventory of ssh-scorecard. Keep it in Git: it is the authority the hosts are compared with.
# Check it with:  ssh-scorecard validate inventory.yaml
# Try it with:    ssh-scorecard run inventory.yaml --dry-run
# Put words like no, on, 010 or 1:30 in quotes; unknown keys are errors.

# For every host that does not say otherwise.
defaults:
  user: auditor # logs in with a certificate and may run sudo -n
  become: sudo # none: the login is root already
  # port: 22
  # jump: bastion-prod # a host or bastion named below, or user@host:port

# The certificate authority every host must trust. Fingerprint: ssh-keygen -lf ca_user.pub
ca:
  trusted_user_ca_keys: /etc/ssh/ca/ca_user.pub
  # fingerprints:
  #   - SHA256:…

# Which accounts each actor type logs in to. Without it only the union of all principals files is judged.
# accounts:
#   adm: [ops]
#   agt: [agent]
#   atm: [automation, auditor]

# Every host that must meet the directive. A host that does not answer counts as unproven, not as absent.
hosts:
  - name: prod-db-01
    address: prod-db-01.example.com # default: the name
    environment: production
    tags: [db]
    allowed_principals:
      adm: [adm-full]
      agt: [agt-incident-resolver-v2]
      atm: [atm-backup-daily, atm-logrotate, atm-scorecard]
    # host_key: SHA256:… # default: known_hosts decides

# Thresholds and accepted exceptions; what is not given follows the directive.
# policy:
#   emergency_keys:
#     - fingerprint: SHA256:…
#       hosts: ["prod-*"]
#       accounts: [breakglass]
#       expires: 2027-03-31T00:00:00Z
#   krl: required
`;
