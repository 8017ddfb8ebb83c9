import { networkInterfaces } from 'node:os'
import { platform } from '../platform/index.ts'
import type { Interfaces } from './interfaces.ts'

/**
 * The network interfaces of this computer. Node leaves out those without a carrier or address; they are added here, because a
 * server may well be started before the switch in front of it, or the first machine, is switched on.
 */
export async function hostInterfaces(): Promise<Interfaces> {
  return { ...(await platform.otherInterfaces()), ...networkInterfaces() }
}
