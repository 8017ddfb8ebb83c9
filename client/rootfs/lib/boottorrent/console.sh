# Consoles: which there are, lines for all of them, shells on each of them.

# Sets CONSOLES: the screen, the first serial port if there is hardware behind it, and whatever console= names.
find_consoles() {
  CONSOLES=
  [ -c /dev/tty1 ] && CONSOLES=/dev/tty1
  grep -q '^0: uart:[^u]' /proc/tty/driver/serial 2>/dev/null && add_console /dev/ttyS0
  for name in $(cat /sys/class/tty/console/active 2>/dev/null); do
    case $name in tty[0-9]*) ;; *) add_console "/dev/$name" ;; esac
  done
  for console in $CONSOLES; do
    prepare_console "$console"
    # Firmware and boot loaders leave the cursor anywhere: our first line begins on a line of its own.
    put "$console" ''
  done
}

add_console() {
  case " $CONSOLES " in *" $1 "*) return ;; esac
  [ -c "$1" ] && CONSOLES="${CONSOLES:+$CONSOLES }$1"
}

# A serial port that the kernel does not use as its console still has 9600 baud, and nobody has told it its size.
# Nowhere may one character stop the output: Ctrl+S is the key for a shell, and noise on a serial line holds XOFF too.
prepare_console() {
  case $1 in
    /dev/tty[0-9]*) set_terminal "$1" -ixon ;;
    *)
      case " $(cat /sys/class/tty/console/active) " in
        *" ${1#/dev/} "*) ;;
        *) set_terminal "$1" 115200 ;;
      esac
      set_terminal "$1" sane -ixon rows 24 cols 80
      ;;
  esac
}

# How many seconds a console may take before we go on without it: Scroll Lock or a modem signal can hold one up for ever.
PATIENCE=2

# stty waits until all that was written has left.
set_terminal() {
  timeout "$PATIENCE" stty -F "$@" 2>/dev/null
}

# Writes one line to one console. Opening it may take for ever as well: both are done by a program that can be ended.
put() {
  timeout "$PATIENCE" sh -c 'echo "$2" >"$1"' sh "$1" "$2" 2>/dev/null
}

# Prints one line on every console.
say() {
  for console in $CONSOLES; do
    put "$console" "boottorrent: $*"
  done
}

# The same, but once for each different text in a row: for loops that wait.
say_once() {
  [ "$*" = "$said" ] && return
  said="$*"
  say "$*"
}

# A shell on one console, with job control and Ctrl+C.
shell_on() {
  marker=/run/boottorrent/shell.${1##*/}
  touch "$marker"
  put "$1" 'boottorrent: a shell; "exit" leaves it'
  setsid -c boottorrent-shell <"$1" >"$1" 2>&1
  rm -f "$marker"
}

# Waits for "s" on every console until withdraw_shells, and opens a shell on the one that asked.
offer_shells() {
  offers=
  [ "$(shell_policy)" = off ] && return
  for console in $CONSOLES; do
    answer_shells "$console" &
    offers="$offers $!"
  done
}

answer_shells() {
  while read -r answer <"$1"; do
    [ "$answer" = s ] && shell_on "$1"
  done
}

# Ends the offer; somebody who is in a shell is waited for.
withdraw_shells() {
  while ls /run/boottorrent/shell.* >/dev/null 2>&1; do
    say_once "waiting for the shell on a console to be left"
    sleep 1
  done
  [ -z "$offers" ] || kill $offers 2>/dev/null
}

# Asks on every console at once and sets `asked` (the console that answered first) and `answer`.
ask_everywhere() {
  say "$1"
  rm -f /run/boottorrent/answer
  mkfifo /run/boottorrent/answer
  readers=
  for console in $CONSOLES; do
    (read -r line <"$console" && echo "$console $line" >/run/boottorrent/answer) &
    readers="$readers $!"
  done
  read -r asked answer </run/boottorrent/answer
  kill $readers 2>/dev/null
}
