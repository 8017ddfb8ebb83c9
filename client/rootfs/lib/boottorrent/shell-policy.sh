# Who may have a shell.

# Prints open, off or password, as the environment says. Without a word from the server there is nothing to guard.
shell_policy() {
  said=$(sed -n 's/^ *"shell": *"\([a-z]*\)".*/\1/p' /boottorrent/config.json 2>/dev/null)
  echo "${said:-open}"
}

# Prints how to get a shell where /init waits for a line, between two texts; nothing when nobody may have one.
shell_offer() {
  [ "$(shell_policy)" = off ] || echo "$1\"s\" and Enter opens a shell$2"
}
