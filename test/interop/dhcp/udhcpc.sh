#!/bin/sh
# What busybox's DHCP client calls: prints what it was told, and changes nothing.
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
for name in ip mask subnet broadcast router dns domain hostname ntpsrv serverid lease siaddr boot_file; do
  eval "value=\$$name"
  [ -z "$value" ] || echo "LEASE $name=$value"
done
