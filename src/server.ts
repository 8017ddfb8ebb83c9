/**
 * The composition root: an environment becomes running services, and what they see becomes each machine's timeline.
 *
 * It is the only place where the rooms meet; none of them knows another.
 */
import { EventEmitter } from 'node:events'
import { networkInterfaces } from 'node:os'
import { type BootFiles } from './boot-files.ts'
import { type ClientPackage, loadClientPackage } from './client-package.ts'
import { createDhcpServer, type DhcpServer, type PxeClient, type BootAnswer } from './dhcp/index.ts'
import type { Configuration } from './environment/configuration.ts'
import { chooseInterface, loadEnvironment, type ServedInterface } from './environment/index.ts'
import { BoottorrentError } from './errors.ts'
import { createHttpServer } from './http/index.ts'
import { type Log, silent } from './log.ts'
import { createMachines, type Machine, type MachineStep, type Step } from './machines/index.ts'
import { environmentName, publish, scriptName } from './publish.ts'
import { createSeeder } from './seeder/index.ts'
import { createTftpServer } from './tftp/index.ts'
import { createTracker } from './tracker/index.ts'
