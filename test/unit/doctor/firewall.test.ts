import { expect, test } from 'vitest'
import { checkFirewall, type FirewallFacts } from '../../../src/doctor/firewall/index.ts'
import { wantedPorts } from '../../../src/doctor/ports.ts'
import type { Answer } from '../../../src/platform/ask.ts'
import { hintsFor } from '../../../src/platform/index.ts'
import { configurationOf, served } from './configuration.ts'

async function check(rules: { nft?: Answer; iptables?: Answer }, system: NodeJS.Platform = 'linux') {
  const facts: FirewallFacts = {
    hints: hintsFor(system),
    firewallRules: async () => ({ nft: 'missing', iptables: 'missing', ...rules }),
  }
  return checkFirewall(wantedPorts(await configurationOf(), served), served, facts)
}

/** What nft prints of one table with an input chain. */
function nft(policy: 'drop' | 'accept', ...rules: object[][]): Answer {
  const chain = { family: 'inet', table: 'filter', name: 'input', hook: 'input', policy }
  const sets = [{ set: { family: 'inet', table: 'filter', name: 'ours', elem: [4011, 10_001] } }]
  const list = rules.map((expr) => ({ rule: { family: 'inet', table: 'filter', chain: 'input', expr } }))
  return { text: JSON.stringify({ nftables: [{ metainfo: {} }, ...sets, { chain }, ...list] }) }
}
const accept = { accept: null }
const port = (protocol: string, right: unknown, op = '==') => ({
  match: { op, left: { payload: { protocol, field: 'dport' } }, right },
})
const from = (right: unknown) => ({ match: { op: '==', left: { meta: { key: 'iifname' } }, right } })
const everythingByTcp = [port('tcp', { range: [1, 65_535] }), accept]

test('without a policy that drops, or a last rule that does, everything is let in', async () => {
  expect(await check({ nft: nft('accept') })).toMatchObject([{ state: 'ok' }])
  expect(await check({ nft: { text: '{"nftables":[]}' }, iptables: { text: '' } })).toMatchObject([{ state: 'ok' }])
  expect(await check({ nft: nft('accept', [{ counter: {} }, { reject: null }]) })).toMatchObject([
    { state: 'warning' },
    { state: 'warning' },
  ])
})

test('ports without a rule are named, with the command that lets them in', async () => {
  const results = await check({
    nft: nft('drop', everythingByTcp, [port('udp', { set: [67, { range: [68, 69] }] }), accept]),
  })
  expect(results).toMatchObject([
    {
      state: 'warning',
      message: expect.stringMatching(/\(inet filter\).* UDP 4011, 10001$/),
      hint: "Let them in: nft insert rule inet filter input udp dport '{ 4011, 10001 }' accept",
    },
  ])
})

test('named sets, and interfaces that are let in as a whole, are understood', async () => {
  const sets = nft(
    'drop',
    everythingByTcp,
    [port('udp', '@ours'), accept],
    [port('udp', 67), accept],
    [port('udp', { elem: { val: 69 } }), accept],
  )
  expect(await check({ nft: sets })).toMatchObject([{ state: 'ok' }])
  expect(await check({ nft: nft('drop', [from('eth*'), accept]) })).toMatchObject([{ state: 'ok' }])
  expect(await check({ nft: nft('drop', [from('wlan0'), accept]) })).toHaveLength(2)
})

test('a rule for something else lets nothing in', async () => {
  const state = { match: { op: 'in', left: { ct: { key: 'state' } }, right: 'established' } }
  expect(await check({ nft: nft('drop', [state, accept], [port('udp', 67, '!='), accept]) })).toHaveLength(2)
})

const iptables = (...rules: string[]): Answer => ({
  text: ['*nat', ':INPUT ACCEPT [0:0]', 'COMMIT', '*filter', ':INPUT DROP [0:0]', ...rules, 'COMMIT', ''].join('\n'),
})

test('iptables: ports, lists and ranges of them', async () => {
  const rules = [
    '-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT',
    '-A INPUT -i eth+ -p udp -m multiport --dports 67:69,4011,10001 -j ACCEPT',
  ]
  expect(await check({ iptables: iptables(...rules) })).toMatchObject([
    {
      message: expect.stringMatching(/\(iptables\).* TCP 6881, 8000, 10001$/),
      hint: 'Let them in: iptables -I INPUT -p tcp -m multiport --dports 6881,8000,10001 -j ACCEPT',
    },
  ])
  expect(await check({ iptables: iptables(...rules, '-A INPUT -p tcp -j ACCEPT') })).toMatchObject([{ state: 'ok' }])
  expect(await check({ iptables: iptables('-A INPUT -i eth1 -j ACCEPT') })).toMatchObject([{ state: 'ok' }])
  expect(await check({ iptables: iptables('-A INPUT -i wlan0 -j ACCEPT') })).toHaveLength(2)
})

test('iptables: what leaves or passes, and chains that only some rules jump to, let nothing in', async () => {
  const rules = [
    '-A OUTPUT -j ACCEPT',
    '-A FORWARD -p udp -m udp --dport 67 -j ACCEPT',
    '-A ufw-user-limit-accept -j ACCEPT',
    '-A ufw-user-output -p tcp -m tcp --dport 8000 -j ACCEPT',
  ]
  const results = await check({ iptables: iptables(...rules) })
  expect(results.map(({ message }) => message.replace(/.* lets in /, ''))).toEqual([
    'UDP 67, 69, 4011, 10001',
    'TCP 6881, 8000, 10001',
  ])
  expect(await check({ iptables: iptables('-A ufw-user-input -i eth1 -j ACCEPT') })).toMatchObject([{ state: 'ok' }])
})

test('nft: the same', async () => {
  const printed = nft('drop', [accept]) as { text: string }
  const inChain = (chain: string) => ({ text: printed.text.replace('"chain":"input"', `"chain":"${chain}"`) })
  expect(await check({ nft: inChain('input') })).toMatchObject([{ state: 'ok' }])
  expect(await check({ nft: inChain('output') })).toHaveLength(2)
  expect(await check({ nft: inChain('for_admins') })).toHaveLength(2)
  const trusted = inChain('filter_IN_trusted').text.replaceAll('"table":"filter"', '"table":"firewalld"')
  expect(await check({ nft: { text: trusted } })).toMatchObject([{ state: 'ok' }])
})

test('the remedies of ufw and firewalld are their own', async () => {
  const [ufw] = await check({ iptables: iptables(':ufw-user-input - [0:0]') })
  expect(ufw?.hint).toBe('Let them in: ufw allow 67,69,4011,10001/udp')
  const printed = nft('drop') as { text: string }
  const [firewalld] = await check({ nft: { text: printed.text.replaceAll('"table":"filter"', '"table":"firewalld"') } })
  expect(firewalld?.hint).toMatch(/firewall-cmd --permanent --add-port=67\/udp .*firewall-cmd --reload$/)
})

test('what iptables keeps in a table of nft is told once', async () => {
  const printed = nft('drop') as { text: string }
  const same = { text: printed.text.replaceAll('"inet"', '"ip"') }
  expect(await check({ nft: same, iptables: iptables() })).toHaveLength(2)
})

test('rules that nobody may see, or that are none, and other systems: the ports to let in are named', async () => {
  const hint = expect.stringMatching(/UDP 67, 69, 4011, 10001 and TCP 6881, 8000, 10001/)
  expect(await check({ nft: 'refused' })).toMatchObject([{ state: 'warning', hint }])
  expect(await check({ nft: { text: 'nonsense' } })).toMatchObject([{ state: 'warning', hint }])
  expect(await check({}, 'win32')).toMatchObject([
    { state: 'ok', hint: expect.stringMatching(/UDP localport=67,69,4011,10001 and .*TCP localport=6881,8000,10001$/) },
  ])
  expect(await check({})).toMatchObject([{ state: 'ok' }])
})
