import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { SupervisedWorker } from '../../../src/supervised-worker.ts'

let worker: SupervisedWorker<{ report: string }>

function create(failure = false): typeof worker {
  const data = (port: number) => ({ port, failure })
  worker = new SupervisedWorker({ room: '../test/unit/seeder/fixtures', name: 'fragile-worker', data, port: 0 })
  return worker
}

afterEach(() => worker.close())

test('a thread that is ready tells its port, and reports', async () => {
  await create().start()
  expect(worker.port).toBe(4711)
  worker.post('say')
  expect(await once(worker, 'report')).toEqual([{ report: 'said' }])
})

test('a thread that cannot start says why', async () => {
  await expect(create(true).start()).rejects.toMatchObject({ code: 'PORT_IN_USE', message: 'taken', hint: 'another' })
})

test('a thread that crashes is reported, and started again with the same port', async () => {
  await create().start()
  worker.post('crash')
  const [{ error, retryInMs }] = await once(worker, 'crash')
  expect(error.message).toBe('struck')
  expect(retryInMs).toBe(500)
  await once(worker, 'restart')
  expect(worker.port).toBe(4711)
  worker.post('say')
  await once(worker, 'report')
})

test('a thread that just ends counts as crashed; the second time comes later', async () => {
  await create().start()
  worker.post('exit')
  const [{ error }] = await once(worker, 'crash')
  expect(error.message).toContain('code 3')
  await once(worker, 'restart')
  worker.post('crash')
  const [{ retryInMs }] = await once(worker, 'crash')
  expect(retryInMs).toBe(1000)
})

test('closing while it waits to start again is the end', async () => {
  await create().start()
  worker.post('crash')
  await once(worker, 'crash')
  let restarted = false
  worker.on('restart', () => {
    restarted = true
  })
  await worker.close()
  worker.post('say')
  expect(restarted).toBe(false)
  await worker.start()
  expect(worker.port).toBe(4711)
})

test('starting it while it runs starts no second thread', async () => {
  const data = vi.fn(() => ({ port: 0 }))
  worker = new SupervisedWorker({ room: '../test/unit/seeder/fixtures', name: 'fragile-worker', data, port: 0 })
  await Promise.all([worker.start(), worker.start()])
  await worker.start()
  expect(data).toHaveBeenCalledTimes(1)
})

test('closing twice is no error', async () => {
  await create().start()
  await Promise.all([worker.close(), worker.close()])
  await worker.close()
})
