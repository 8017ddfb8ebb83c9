import { expect, test } from 'vitest'
import {
  COMMON,
  moduleClosure,
  moduleName,
  otherNetworkModules,
  parseModulesDep,
  pciCards,
} from '../../../client/build/modules.ts'

/** From modules.dep of Debian's 6.1 for i386. */
const MODULES_DEP = `kernel/drivers/net/mii.ko:
kernel/drivers/net/ethernet/via/via-rhine.ko: kernel/drivers/net/mii.ko
kernel/drivers/net/ethernet/realtek/r8169.ko: kernel/drivers/net/mdio/mdio_devres.ko kernel/drivers/net/phy/libphy.ko
kernel/drivers/net/mdio/mdio_devres.ko: kernel/drivers/net/phy/libphy.ko
kernel/drivers/net/phy/libphy.ko:
kernel/drivers/net/wireless/ath/ath9k/ath9k.ko: kernel/net/mac80211/mac80211.ko
kernel/net/mac80211/mac80211.ko:
`

const tree = parseModulesDep(MODULES_DEP)

test('takes a module with everything it depends on, once and sorted', () => {
  expect(moduleClosure(tree, ['r8169', 'via-rhine', 'r8169']).paths).toEqual([
    'kernel/drivers/net/ethernet/realtek/r8169.ko',
    'kernel/drivers/net/ethernet/via/via-rhine.ko',
    'kernel/drivers/net/mdio/mdio_devres.ko',
    'kernel/drivers/net/mii.ko',
    'kernel/drivers/net/phy/libphy.ko',
  ])
})

test('a hyphen and an underscore are the same in a name', () => {
  expect(moduleClosure(tree, ['via_rhine']).paths).toEqual(moduleClosure(tree, ['via-rhine']).paths)
  expect(moduleName('kernel/drivers/net/phy/bcm-phy-lib.ko.xz')).toBe('bcm_phy_lib')
})

test('names what this kernel does not have', () => {
  expect(moduleClosure(tree, ['r8169', 'xen-netfront', 'ne2k-pci']).missing).toEqual(['ne2k-pci', 'xen-netfront'])
})

test('takes nothing that nobody asked for', () => {
  expect(moduleClosure(tree, ['mii']).paths).toEqual(['kernel/drivers/net/mii.ko'])
  expect(moduleClosure(tree, []).paths).toEqual([])
})

test('the common set names every module once', () => {
  expect(new Set(COMMON.map(moduleName)).size).toBe(COMMON.length)
})

test('the other drivers are those of all wired cards that are not common, with what they need beside', () => {
  const common = moduleClosure(tree, ['r8169']).paths
  expect(otherNetworkModules(tree, common)).toEqual([
    'kernel/drivers/net/ethernet/via/via-rhine.ko',
    'kernel/drivers/net/mii.ko',
  ])
})

/** From modules.alias of the same kernel. */
const MODULES_ALIAS = `alias pci:v00001106d00003065sv*sd*bc*sc*i* via_rhine
alias pci:v000010ECd00008168sv00001458sd0000E000bc*sc*i* r8169
alias pci:v000010ECd00008168sv*sd*bc*sc*i* r8169
alias pci:v000010ECd*sv*sd*bc02sc00i* r8169
alias usb:v0B95p772Ad*dc*dsc*dp*ic*isc*ip*in* asix
`

test('knows the PCI cards of drivers, each once', () => {
  expect(pciCards(MODULES_ALIAS, ['kernel/drivers/net/ethernet/realtek/r8169.ko'])).toEqual(['10ec:8168'])
  expect(pciCards(MODULES_ALIAS, ['a/via-rhine.ko', 'b/asix.ko'])).toEqual(['1106:3065'])
})
