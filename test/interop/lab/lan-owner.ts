/** Makes a LAN with two programs on it, which print their process ids, and waits to be killed. */
import { createLan } from '../../../src/demo/vm/lan.ts'

const lan = await createLan()
for (const _ of [1, 2]) lan.spawn('sh', ['-c', 'echo $$; exec sleep 1000'], { stdio: ['ignore', 'inherit', 'inherit'] })
setInterval(() => {}, 1000)
