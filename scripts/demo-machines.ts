/**
 * The simulated machines of `npm run demo`, in the network namespace of its LAN:
 *
 *     demo-machines.ts SERVER NOBODY MACHINES
 *
 * SERVER is the address of boottorrent, NOBODY one for those that have none yet. They boot as far as their menus, and on when
 * a line comes in.
 */
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Room } from '../src/demo/room.ts'

const [server = '', nobody = '', machines = '0'] = process.argv.slice(2)

/** Before that nothing would answer them. */
async function serverIsThere(): Promise<void> {
  const url = `http://${server}:8000/boot.ipxe`
  const isThere = () =>
    fetch(url)
      .then(({ ok }) => ok)
      .catch(() => false)
  while (!(await isThere())) await delay(500)
}

await serverIsThere()
const task = {
  ...{ server, nobody, machines: Number(machines) },
  dhcp: { server: 67, client: 68 },
  tftpPort: 69,
  speeds: { host: 20e6, machine: 100e6 },
}
await using room = await Room.open(task, () => {})
await room.boot(once(process.stdin, 'data'))
process.stdin.destroy()
