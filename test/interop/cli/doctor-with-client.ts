/** `boottorrent doctor FOLDER --json` with another client package: doctor-with-client.ts MANIFEST FOLDER */
import { doctor } from '../../../src/cli/doctor.ts'
import { processIo } from '../../../src/cli/process-io.ts'
import { factsOfThisComputer } from '../../../src/doctor/index.ts'

const [client, folder = '.'] = process.argv.slice(2)
const facts = factsOfThisComputer({ client, isServed: async () => false })
process.exitCode = await doctor(folder, { json: true }, processIo(), facts)
