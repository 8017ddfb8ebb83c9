# Help from afar: a shell by SSH for whoever has the key of this environment. The program comes along only where the server has
# client.debug: true, and takes no password.

start_remote_help() {
  [ -x /sbin/dropbear ] && [ -f /root/.ssh/authorized_keys ] || return
  # What it says of each visitor would fill the memory of a machine that somebody keeps calling.
  if dropbear -R -P /run/dropbear.pid </dev/null >/dev/null 2>&1; then
    say "debug ssh root@$BT_IP is open to the key of this environment"
  else
    say "debug ssh does not start; the machine boots without"
  fi
}
