# The menu: a program of its own that draws on all consoles. When it fails, a person gets a word and a choice.

run_menu() {
  if [ ! -x /bin/tui ]; then
    say "failed this system was built without its menu (/bin/tui)"
    offer_choice
    return
  fi
  BT_CONSOLES=$CONSOLES setsid /bin/tui </dev/null >/run/boottorrent/tui.log 2>&1
  status=$?
  [ "$status" = 0 ] && return
  for console in $CONSOLES; do
    reset_console "$console"
  done
  say "failed the menu ended with status $status"
  tail -n 8 /run/boottorrent/tui.log | while read -r line; do
    say "  $line"
  done
  offer_choice
}

offer_choice() {
  ask_everywhere "Enter starts the menu again, $(shell_offer '' ', ')\"r\" and Enter restarts the machine"
  case $answer in
    s) shell_on "$asked" ;;
    r) boottorrent-power restart ;;
  esac
}

# Whatever state the menu left a terminal in: cooked, visible cursor, plain colours.
reset_console() {
  set_terminal "$1" sane -ixon
  # A menu that was killed leaves its scrolling region; giving it up moves the cursor, hence 7 and 8 (save, restore).
  put "$1" "$(printf '\0337\033[r\0338\033[0m\033[?25h\r')"
}
