/**
 * What a packet is answered with. Pure: a packet and the way it came in, outcomes out; time comes from the clock that is
 * passed in, and nothing here knows a socket or a file.
 */
import type { DhcpEvent } from './events.ts'
import type { Lease } from './leases.ts'
import type { DhcpPacket } from './packet.ts'
import type { Reply } from './reply.ts'
import type { ServedInterface } from './subnet.ts'

/** How a packet came in. */
export interface Arrival {
  /** The served interface, when the socket can tell: always for unicast, for a broadcast only on an inherited socket. */
  readonly interface: ServedInterface | undefined
  /** Whether it was surely sent to us alone. */
  readonly unicast: boolean
  /** Whether the machine called before, as one does that wants an answer; made-up machines call once. */
  readonly returning?: boolean
  readonly from: { readonly address: string; readonly port: number }
}

/** What came of a packet, in the order in which it is to be done: write down, send, tell. */
export interface Outcome {
  readonly event?: DhcpEvent
  /** A lease that must be on the disk before `reply` leaves. */
  readonly record?: Lease
  readonly reply?: Reply
}

/** Answers one packet that came in on port 67, or for `boot server` on port 4011. */
export type Answer = (packet: DhcpPacket, arrival: Arrival) => Outcome[]
