# The network: a link, an address, the server's address. Waits for ever, and says for what.

# Sets BT_IFACE, BT_MAC, BT_IP, BT_SERVER and BT_HOSTNAME.
bring_network_up() {
  began=$(uptime_seconds)
  until get_address; do
    # A link often comes within the first seconds, and everybody is waiting for it.
    if [ "$(waited)" -lt 8 ]; then sleep 0.2; else sleep 1; fi
  done
  BT_MAC=$(cat "/sys/class/net/$BT_IFACE/address")
  . "/run/boottorrent/lease.$BT_IFACE"
  BT_IP=$lease_ip
  BT_SERVER=$(server_url)
  BT_HOSTNAME=$(machine_name)
  hostname "$BT_HOSTNAME"
  echo "127.0.0.1 localhost $BT_HOSTNAME" >/etc/hosts
  [ -n "$BT_SERVER" ] || say "network knows no server: neither the kernel command line nor DHCP names one"
  say "network $BT_IFACE $BT_MAC $BT_IP/$lease_prefix server $BT_SERVER"
  export BT_IFACE BT_MAC BT_IP BT_SERVER BT_HOSTNAME
}

uptime_seconds() {
  cut -d. -f1 /proc/uptime
}

# Seconds since the network began to be brought up.
waited() {
  echo $(($(uptime_seconds) - began))
}

# One round over all interfaces: the one the firmware booted from first, the others when it stays without a link.
get_address() {
  cards=$(network_cards)
  if [ -z "$cards" ]; then
    # Cards on USB come a little later.
    [ "$(waited)" -ge 3 ] && say_once "network waiting for a network card ($(why_no_card)$(shell_offer '; '))"
    return 1
  fi
  for card in $cards; do
    ip link set "$card" up 2>/dev/null
  done
  linked=$(with_link $cards)
  if [ -z "$linked" ]; then
    # Just switched on, a link takes a few seconds: not worth a word.
    [ "$(waited)" -ge 6 ] && say_missing_firmware && say_once "network waiting for a link on $(echo $cards) (is the cable plugged in?)"
    return 1
  fi
  booted=$(boot_interface)
  case " $(echo $cards) " in *" $booted "*) first=$booted ;; *) first= ;; esac
  if [ -n "$first" ] && [ "$(waited)" -lt 12 ]; then
    linked=$(with_link "$first")
    [ -n "$linked" ] || return 1
  fi
  for card in $(echo "$linked" | sort_first "$first"); do
    ask_dhcp "$card" && return 0
  done
  say_once "network waiting for an address on $(echo $linked) (no answer to DHCP)"
  return 1
}

# What is the matter when there is no card: PCI network cards that no driver has taken, as vendor:device.
why_no_card() {
  lonely=$(cards_without_driver | sort -u)
  if [ -n "$lonely" ]; then
    echo "no driver here for" $lonely '- "boot: drivers: all" on the server gives all drivers there are'
  else
    echo "there is none that this system knows"
  fi
}

# Class 02 of PCI is network.
cards_without_driver() {
  for folder in /sys/bus/pci/devices/*; do
    case $(cat "$folder/class" 2>/dev/null) in
      0x02*) [ -e "$folder/driver" ] || echo "$(cut -c 3- "$folder/vendor"):$(cut -c 3- "$folder/device")" ;;
    esac
  done
}

# Files that drivers have asked for in vain: some cards have no link without them.
say_missing_firmware() {
  for file in $(missing_firmware); do
    case " $told " in *" $file "*) continue ;; esac
    told="$told $file"
    say "network card wants the firmware $file, which is not in this build: it may have no link (remedy: build:client --firmware)"
  done
}

# Two sentences of the kernel: its own, and Debian's.
missing_firmware() {
  dmesg | sed -n \
    -e 's/.*Direct firmware load for \([^ ]*\) failed with error -2.*/\1/p' \
    -e 's/.*firmware: failed to load \([^ ]*\) (-2).*/\1/p' | sort -u
}

# Wired cards: Ethernet with a device behind them.
network_cards() {
  for folder in /sys/class/net/*; do
    [ -e "$folder/device" ] && [ "$(cat "$folder/type")" = 1 ] && echo "${folder##*/}"
  done
}

with_link() {
  for card in "$@"; do
    [ "$(cat "/sys/class/net/$card/carrier" 2>/dev/null)" = 1 ] && echo "$card"
  done
}

# Puts one name before the others.
sort_first() {
  names=$(cat)
  echo "$names" | grep -Fx "$1"
  echo "$names" | grep -Fxv "$1"
}

# The interface whose address is in BOOTIF=01-aa-bb-cc-dd-ee-ff.
boot_interface() {
  mac=$(command_line BOOTIF | sed 's/^01-//; y/-ABCDEF/:abcdef/')
  [ -n "$mac" ] || return
  for folder in /sys/class/net/*; do
    [ "$(cat "$folder/address")" = "$mac" ] && echo "${folder##*/}" && return
  done
}

# With an address, udhcpc stays and renews it; without an answer it ends.
ask_dhcp() {
  BT_IFACE=$1
  udhcpc -i "$1" -n -t 4 -T 1 -s /sbin/boottorrent-lease -p "/run/udhcpc.$1.pid" \
    -V boottorrent -O hostname -O tftp </dev/null >/dev/null 2>&1 && [ -f "/run/boottorrent/lease.$1" ]
}

# The value of name=value on the kernel's command line; the last one counts.
command_line() {
  tr ' ' '\n' </proc/cmdline | sed -n "s|^$1=||p" | tail -n 1
}

# What the boot script said, else what the environment was packed with, else the server that DHCP names. DHCP comes last:
# beside another DHCP server, that one's address stands there.
server_url() {
  named=$(command_line boottorrent.server)
  packed=$(sed -n 's|.*"reportUrl": *"\(http://[^/"]*\).*|\1|p' /boottorrent/config.json 2>/dev/null)
  if [ -n "$named" ]; then
    echo "${named%/}"
  elif [ -n "$packed" ]; then
    echo "$packed"
  elif [ -n "$lease_server" ]; then
    echo "http://$lease_server:8000"
  fi
}

machine_name() {
  name=$(echo "$lease_hostname" | tr -cd 'A-Za-z0-9.-' | cut -c 1-63)
  echo "${name:-machine-$(echo "$BT_MAC" | tr -d ':' | cut -c 7-12)}"
}
