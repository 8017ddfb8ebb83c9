// The Debian packages that the two commands need on the machine itself, by purpose.
export { buildPackages, qemuPackages } from '../client/build/system-packages.mjs'

/** Foreign peers and tools of the tests. */
export const testPackages = ['aria2', 'busybox-static', 'cpio', 'libarchive-tools', 'tmux']
