/** Events as log lines. */
import type { LogEntry } from '../log.ts'
import type { BootAnswer, DhcpEvent, DhcpFact } from './events.ts'

/** @param isBeside whether another DHCP server is one that we work beside */
export function logEntry({ name, fact }: DhcpEvent, isBeside: (server: string) => boolean): LogEntry {
  const event = `dhcp.${name}`
  if (name === 'ignored') {
    const { reason, from, mac } = fact
    const message = `A packet from ${mac ?? from} is left unanswered: ${reason}`
    return { level: 'debug', event, message, ...(mac === undefined ? {} : { mac }), from, reason }
  }
  const { client, ...rest } = fact
  const { architecture, firmware, ipxe, vendorClass, uuid } = client
  const message = sentence(name, fact)
  const about = client.netboot ? { firmware, architecture, ipxe, vendorClass, uuid } : {}
  // Beside another server that is as it should be.
  const level = name === 'other-server' && isBeside(fact.server) ? 'info' : LEVELS[name]
  return { level, event, message, ...rest, ...about }
}

const LEVELS: Record<DhcpEvent['name'], LogEntry['level']> = {
  discover: 'debug',
  offer: 'info',
  request: 'debug',
  ack: 'info',
  nak: 'info',
  decline: 'warn',
  release: 'info',
  inform: 'info',
  'proxy-offer': 'info',
  'no-boot-file': 'warn',
  'pool-exhausted': 'warn',
  'other-server': 'warn',
  ignored: 'debug',
}

function sentence(name: Exclude<DhcpEvent['name'], 'ignored'>, fact: DhcpFact): string {
  const { mac, address, boot, reason, client } = fact
  const booting = boot === undefined ? '' : ` and boots ${whatBoots(boot)}`
  switch (name) {
    case 'discover':
      return `${mac} looks for a DHCP server`
    case 'offer':
      return `${mac} is offered ${address}${booting}`
    case 'request':
      return `${mac} asks for ${address}`
    case 'ack':
      return `${mac} has ${address}${booting}`
    case 'nak':
      return `${mac} is refused its address: ${reason}`
    case 'decline':
      return `${mac} found ${address} in use by another machine; it is not given away for ten minutes`
    case 'release':
      return `${mac} gives ${address} back`
    case 'inform':
      return `${mac} at ${address} is told the network settings${booting}`
    case 'proxy-offer':
      return `${mac} boots ${boot === undefined ? 'nothing' : whatBoots(boot)}`
    case 'no-boot-file':
      return `${mac} wants to boot (${kindOf(client)}). It is offered ${address === undefined ? 'nothing' : `${address} and no boot file`}; what is missing: ${fact.missing ?? 'a boot file'}`
    case 'pool-exhausted':
      return `${mac} gets no address, because all addresses of the range are in use`
    case 'other-server':
      return `Another DHCP server answers here: ${fact.server}`
  }
}

function whatBoots({ server, file }: BootAnswer): string {
  return file.includes('://') ? file : `${file} from ${server}`
}

function kindOf({ architecture, firmware, httpBoot, ipxe }: DhcpFact['client']): string {
  const named = firmware === 'unknown' ? 'unknown firmware' : firmware
  const code = architecture === undefined ? 'without an architecture code' : `architecture code ${architecture}`
  return [named, code, ...(httpBoot ? ['HTTP boot'] : []), ...(ipxe ? ['iPXE'] : [])].join(', ')
}
