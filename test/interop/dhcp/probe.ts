/** Prints the DHCP servers of the network of an address as JSON: `node probe.ts ADDRESS TIMEOUT`. */
import { findDhcpServers } from '../../../src/dhcp/index.ts'

const [address = '', timeout = '1000'] = process.argv.slice(2)
console.log(JSON.stringify(await findDhcpServers({ address, timeout: Number(timeout) })))
