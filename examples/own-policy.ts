// DHCP that decides for each machine, and boot files that are made when they are asked for. It serves machines with iPXE:
//     sudo node examples/own-policy.ts eth1
import { type BootFile, type BootFiles, createDhcpServer, createHttpServer, createTftpServer } from 'boottorrent'

const served = { name: process.argv[2] ?? 'eth1', address: '172.30.0.1', netmask: '255.255.255.0' }

/** What is known of single machines, by MAC address. It lies in memory, for answers must come at once. */
const machines = new Map([
  ['52:54:00:00:00:07', { hostname: 'pc-07', address: '172.30.0.7', greeting: 'This is the PC at the window.' }],
  ['52:54:00:00:00:08', { hostname: 'pc-08', address: '172.30.0.8', greeting: 'This is the PC at the door.' }],
])

const scripts = new Map([...machines].map(([mac, { greeting }]) => [fileOf(mac), script(fileOf(mac), greeting)]))
const stranger = script('stranger.ipxe', 'This machine is not on the list.')

/** Every machine has a script of its own; those that are not on the list share one. */
const files: BootFiles = {
  get(asked) {
    const name = asked.replace(/^\//, '')
    return scripts.get(name) ?? (name === stranger.name ? stranger : undefined)
  },
  names: () => [...scripts.keys(), stranger.name],
}

await using dhcp = createDhcpServer({
  interfaces: [served],
  mode: 'dhcp',
  pool: { first: '172.30.0.100', last: '172.30.0.200', leaseSeconds: 600 },
  reservations: ({ mac }) => machines.get(mac),
  bootFile({ mac, ipxe, netboot }, { address }) {
    if (!netboot) return undefined
    if (!ipxe) return { missing: 'a boot loader, and this example has none' }
    return { server: address, file: machines.has(mac) ? fileOf(mac) : stranger.name }
  },
})
await using tftp = createTftpServer({ address: served.address, files })
await using http = createHttpServer({ address: served.address, port: 8000, files })

dhcp.on('ack', ({ mac, address, boot }) => console.log(`${mac} is ${address} and boots ${boot?.file ?? 'nothing'}`))
tftp.on('done', ({ remote, file }) => console.log(`${remote.address} has ${file} by TFTP`))
http.on('request', ({ remote, file, status }) => console.log(`${remote.address} asked for ${file} by HTTP: ${status}`))
await Promise.all([dhcp.start(), tftp.start(), http.start()])
console.log(`serving ${served.name}`)

await new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve)
})

function fileOf(mac: string): string {
  return `machines/${mac.replaceAll(':', '-')}.ipxe`
}

function script(name: string, greeting: string): BootFile {
  const bytes = Buffer.from(`#!ipxe\necho ${greeting}\nshell\n`)
  return { name, size: bytes.length, bytes }
}
