# Devices: the right module for each, also for those that appear later.

# Modules for everything the kernel has found. Loading a bus shows the devices on it, so this goes on until nothing new comes.
load_drivers() {
  known=
  for _ in 1 2 3 4 5; do
    found=$(cat $(find /sys/devices -name modalias) 2>/dev/null | sort -u)
    [ "$found" = "$known" ] && break
    known=$found
    echo "$found" | xargs modprobe -abq 2>/dev/null
  done
}

# The kernel tells of each new device (USB keyboards and network cards come late); this loads its module.
start_hotplug() {
  uevent /sbin/boottorrent-hotplug </dev/null >/dev/null 2>&1 &
}

# Downloads live in memory. Some must stay free for programs and for the next kernel.
mount_download_folder() {
  available=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
  reserve=32768
  size=$((available > 2 * reserve ? available - reserve : available / 2))
  mount -t tmpfs -o "mode=755,size=${size}k" tmpfs /run/boottorrent/oss
}
