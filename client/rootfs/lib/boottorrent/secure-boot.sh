# Secure Boot: the firmware has started signed programs only, and the kernel goes on with that.

# Sets BT_LOCKED_DOWN when this kernel takes no kernel that is not signed.
find_secure_boot() {
  grep -qE '\[(integrity|confidentiality)\]' /sys/kernel/security/lockdown 2>/dev/null || return
  export BT_LOCKED_DOWN=1
  say "secure boot is on: only signed 64-bit kernels can be started"
}
