/**
 * boottorrent as a library.
 *
 * ```ts
 * import { createBootServer } from 'boottorrent'
 *
 * await using server = await createBootServer({ environment: './lab', interface: 'eth0' })
 * server.on('machine', ({ mac, step, detail }) => console.log(mac, step, detail))
 * await server.start()
 * ```
 */
export { type AddedSystem, type AddOptions, type AddProgress, addSystem, type Method } from './add/index.ts'
export { type BootFile, type BootFiles, createBootFiles } from './boot-files.ts'
export * from './dhcp/index.ts'
export {
  type Configuration,
  type LoadedEnvironment,
  loadEnvironment,
  type OperatingSystem,
  type Problem,
} from './environment/index.ts'
export { BoottorrentError, type ErrorCode } from './errors.ts'
export { createHttpServer, type Exchange, type HttpServer, type HttpServerOptions, type Route } from './http/index.ts'
export { type InitrdEntry, packInitrd } from './initrd/index.ts'
export type { InterfaceSwarm } from './interface-services.ts'
export type { ChangedSystem, Reload } from './live-environment.ts'
export type { Log, LogEntry, LogLevel } from './log.ts'
export type { Machine, MachineStep, Step } from './machines/index.ts'
export {
  createSeeder,
  type MadeTorrent,
  makeTorrent,
  type Seeder,
  type SeederOptions,
  type TorrentSource,
} from './seeder/index.ts'
export {
  type BootServer,
  type BootServerEvents,
  type BootServerOptions,
  createBootServer,
  type DhcpSocket,
} from './server.ts'
export type { Status, StatusBoard, StatusChange } from './status/index.ts'
export { createTftpServer, type TftpServer, type TftpServerOptions } from './tftp/index.ts'
export type { SwarmState } from './torrent-plane.ts'
export { announceUrls, createTracker, type Tracker, type TrackerOptions } from './tracker/index.ts'
