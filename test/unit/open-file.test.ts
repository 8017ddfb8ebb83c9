import { open } from 'node:fs/promises'
import { expect, test, vi } from 'vitest'
import { openFile } from '../../src/open-file.ts'

vi.mock('node:fs/promises', () => ({ open: vi.fn() }))

const file = { name: 'vmlinuz', size: 1, path: '/boot/vmlinuz' }

test.each([
  [
    'EMFILE',
    /^vmlinuz cannot be opened: this process has as many files and connections open as it may\.$/,
    /ulimit -n/,
  ],
  ['ENFILE', /^vmlinuz cannot be opened: this machine has as many files open as it can\.$/, /fs\.file-max/],
  ['ENOENT', /^vmlinuz cannot be opened\.$/, /^Check \/boot\/vmlinuz\.$/],
])('%s on opening is told in words of its own', async (code, message, hint) => {
  vi.mocked(open).mockRejectedValueOnce(Object.assign(new Error(code), { code }))
  await expect(openFile(file)).rejects.toMatchObject({
    code: 'FILE',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
    cause: { code },
  })
})
