import { beforeEach, describe, expect, test } from 'vitest'
import type { ClientConfiguration, ClientOs } from '../../../client/contract.ts'
import { Journal } from '../../../client/tui/journal.ts'
import { Reporter } from '../../../client/tui/reporter.ts'
import { Session } from '../../../client/tui/session.ts'
import { readSettings } from '../../../client/tui/settings.ts'
import type { KeyPress, State } from '../../../client/tui/state.ts'
import { FakeAria2 } from './fake-aria2.ts'
import { FakeSystem } from './fake-system.ts'
import { configuration, debian, tool } from './fixtures.ts'

const vga = '/dev/tty1'

let system: FakeSystem
let aria2: FakeAria2
let lines: string[]
let shells: string[]
let consoles: string[]
let isLent: boolean

beforeEach(() => {
  system = new FakeSystem()
  aria2 = new FakeAria2(system)
  for (const name of ['debian', 'tool', 'windows']) system.files.set(`/boottorrent/torrents/${name}.torrent`, '')
  lines = []
  shells = []
  consoles = []
  isLent = false
})

function createSession(changes: Partial<ClientConfiguration> = {}, reportUrl = '') {
  const journal = new Journal((line) => lines.push(line), new Reporter(system, reportUrl, { mac: '' }))
  const port = {
    first: vga,
    lend: (path: string) => {
      if (isLent) return false
      consoles.push(`lend ${path}`)
      return true
    },
    takeBack: (path: string) => void consoles.push(`take back ${path}`),
    release: () => void consoles.push('release'),
    settled: async () => {},
  }
  const surroundings = { system, journal, settings: readSettings(system), consoles: port }
  const session = new Session(
    surroundings,
    { ...configuration, ...changes },
    (path) => shells.push(path),
    () => {},
  )
  session.begin()
  return session
}

function press(session: Session, ...keys: (KeyPress['key'] | string)[]) {
  for (const key of keys) {
    const isText = key.length === 1
    session.press(isText ? { key: 'text', text: key } : ({ key } as KeyPress), vga)
  }
}

/** The state, which must be of this screen. */
function on<Screen extends State['screen']>(session: Session, screen: Screen): Extract<State, { screen: Screen }> {
  expect(session.state.screen).toBe(screen)
  return session.state as Extract<State, { screen: Screen }>
}

/** How the programs were called, aria2 left out. */
function calls() {
  return system.children.map((child) => child.command.words.join(' ')).filter((words) => !words.includes('aria2c'))
}

/** How often the folder of the downloads was emptied. */
function removals() {
  return calls().filter((words) => words.includes('rm -rf')).length
}

describe('the menu', () => {
  test('counts down and starts the default', async () => {
    const session = createSession()
    expect(lines).toEqual(['boottorrent: menu 3 systems, default debian in 10 s'])
    expect(on(session, 'menu').secondsLeft).toBe(10)
    await system.pass(9500)
    expect(on(session, 'menu').secondsLeft).toBe(1)
    await system.pass(600)
    expect(on(session, 'download').os).toBe(debian)
  })

  test('is passed over when the countdown is 0', () => {
    expect(on(createSession({ timeout: 0 }), 'download').os).toBe(debian)
  })

  test('waits for ever when the countdown is negative', async () => {
    const session = createSession({ timeout: -1 })
    await system.pass(3_600_000)
    expect(on(session, 'menu').secondsLeft).toBeUndefined()
    expect(lines).toEqual(['boottorrent: menu 3 systems, default debian, waiting'])
  })

  test('waits for ever when there is no default', async () => {
    const session = createSession({ defaultOs: null })
    await system.pass(3_600_000)
    on(session, 'menu')
    expect(lines).toEqual(['boottorrent: menu 3 systems, no default'])
  })

  test.each(['stop', 'down', 'y', 'escape'])('stops counting when %s is pressed', async (key) => {
    const session = createSession()
    press(session, key)
    await system.pass(60_000)
    expect(on(session, 'menu').secondsLeft).toBeUndefined()
  })

  test('moves with the arrows, around both ends', () => {
    const session = createSession()
    press(session, 'up')
    expect(on(session, 'menu').selected).toBe(2)
    press(session, 'down')
    expect(on(session, 'menu').selected).toBe(0)
    press(session, 'last')
    expect(on(session, 'menu').selected).toBe(2)
  })

  test('moves to a number, if there is such an entry', () => {
    const session = createSession()
    press(session, '2')
    expect(on(session, 'menu').selected).toBe(1)
    press(session, '9')
    expect(on(session, 'menu').selected).toBe(1)
  })

  test('moves by pages, and stops at the ends', () => {
    const oss = Array.from({ length: 40 }, (_, number) => ({ ...debian, name: `os-${number}` }))
    const session = createSession({ oss, defaultOs: null })
    press(session, 'page down')
    expect(on(session, 'menu').selected).toBe(9)
    for (let page = 0; page < 5; page++) press(session, 'page down')
    expect(on(session, 'menu').selected).toBe(39)
    press(session, 'page up')
    expect(on(session, 'menu').selected).toBe(30)
  })

  test('i shows the details of machine and server; any key comes back to the same entry, with the clock stopped', async () => {
    const session = createSession()
    press(session, 'down', 'i')
    expect(on(session, 'details').sections.map(({ title }) => title)).toEqual(['This machine', 'The server'])
    press(session, 'z')
    expect(on(session, 'menu')).toEqual({ screen: 'menu', selected: 1, secondsLeft: undefined })
  })

  test.each([
    ['r', 'restart'],
    ['p', 'off'],
  ])('x and then %s leaves: %s', async (key, how) => {
    const session = createSession()
    press(session, 'x')
    await system.pass(60_000)
    on(session, 'power')
    expect(calls()).toEqual([])
    press(session, key)
    await system.pass(100)
    expect(lines).toContain(`boottorrent: power ${how}`)
    expect(calls()).toEqual([`/sbin/boottorrent-power ${how}`])
    // The program has come back, which it does only when it has failed.
    expect(on(session, 'failure').failure.message).toMatch(/^This machine could not .*exit status 0/)
  })

  test('x and any other key goes back, and nothing has happened', async () => {
    const session = createSession()
    press(session, 'down', 'x', 'enter')
    expect(on(session, 'menu').selected).toBe(1)
    expect(calls()).toEqual([])
  })

  test('a shell opens for nobody where the server switches it off', () => {
    const session = createSession({ shell: 'off' })
    session.press({ key: 'shell' }, vga)
    expect(shells).toEqual([])
    on(session, 'menu')
  })

  test('starts what is selected on Enter', () => {
    const session = createSession()
    press(session, 'down', 'enter')
    expect(on(session, 'download').os).toBe(tool)
  })

  test('opens a shell on the console that asked', () => {
    const session = createSession()
    session.press({ key: 'shell' }, '/dev/ttyS0')
    expect(shells).toEqual(['/dev/ttyS0'])
  })

  test('says so when there is nothing to start', () => {
    const session = createSession({ oss: [], defaultOs: null })
    expect(on(session, 'failure').failure.message).toBe('There is no system to start.')
  })
})

describe('a download', () => {
  test('tells each quarter once, also when several pass at a time', async () => {
    const session = createSession({ timeout: 0 })
    await system.pass(1000)
    aria2.progress(600)
    await system.pass(1000)
    aria2.progress(990)
    await system.pass(2000)
    expect(lines.slice(1)).toEqual([
      'boottorrent: download debian 1000 bytes',
      'boottorrent: progress debian 25%',
      'boottorrent: progress debian 50%',
      'boottorrent: progress debian 75%',
    ])
    on(session, 'download')
  })

  test('knows how long it will take', async () => {
    const session = createSession({ timeout: 0 })
    aria2.progress(600, 50)
    await system.pass(1000)
    expect(on(session, 'download').secondsLeft).toBe(8)
  })

  test('is not over before aria2 says that it has every piece', async () => {
    const session = createSession({ timeout: 0 })
    aria2.status = { ...aria2.status, completedLength: '1000', seeder: 'false' }
    await system.pass(5000)
    on(session, 'download')
    expect(lines.some((line) => line.includes('complete'))).toBe(false)
  })

  test('is over as soon as aria2 says so, not when it is next looked at', async () => {
    createSession({ timeout: 0 })
    await system.pass(1500)
    aria2.complete()
    await system.pass(0)
    expect(lines.some((line) => line.includes('complete'))).toBe(false)
    aria2.child?.say('626f6f74746f7272 3 /run/boottorrent/oss/debian/boot/vmlinuz')
    await system.pass(0)
    expect(lines).toContain('boottorrent: start debian kexec')
  })

  test('starts the kernel with its initrds and its command line as one word when it is complete', async () => {
    const session = createSession({ timeout: 0 })
    aria2.complete()
    await system.pass(5000)
    expect(system.children.at(-1)?.command.words).toEqual([
      '/sbin/boottorrent-kexec',
      '/run/boottorrent/oss/debian/boot/vmlinuz',
      'quiet root=LABEL="a b"',
      '/run/boottorrent/oss/debian/boot/initrd.gz',
      '/run/boottorrent/oss/debian/extra.gz',
    ])
    expect(lines).toContain('boottorrent: start debian kexec')
    expect(lines.find((line) => line.includes('complete'))).toMatch(/^boottorrent: complete debian verified \d+ s$/)
    expect(aria2.child?.hasEnded).toBe(true)
    expect(consoles).toEqual(['release'])
    on(session, 'failure')
  })

  test('passes the settings of the host on to aria2', async () => {
    createSession({ timeout: 0 })
    await system.pass(100)
    expect(aria2.options).toEqual(
      expect.arrayContaining([
        '/bin/aria2c',
        '--bt-enable-lpd=true',
        '--enable-dht=false',
        '--enable-peer-exchange=true',
        '--bt-tracker-interval=15',
        '--check-integrity=false',
        '--log-level=notice',
        '--file-allocation=none',
        '--rpc-listen-all=false',
        '--dir=/run/boottorrent/oss',
        '--torrent-file=/boottorrent/torrents/debian.torrent',
      ]),
    )
  })

  test('is given up on m, and nothing of it is shown afterwards', async () => {
    const session = createSession({ timeout: 0 })
    await system.pass(1500)
    press(session, 'm')
    expect(on(session, 'menu').selected).toBe(0)
    aria2.complete()
    await system.pass(10_000)
    on(session, 'menu')
    expect(aria2.child?.hasEnded).toBe(true)
    expect(calls().some((words) => words.includes('kexec'))).toBe(false)
  })

  test('of another system first throws away what the earlier one left in memory', async () => {
    const session = createSession({ timeout: 0 })
    await system.pass(1500)
    press(session, 'm', 'down', 'enter')
    await system.pass(1500)
    expect(removals()).toBe(2)
    on(session, 'download')
  })

  test('begins in an empty folder: a menu that crashed before this one may have left anything', async () => {
    createSession({ timeout: 0 })
    await system.pass(1500)
    expect(calls()[0]).toMatch(/rm -rf -- .* \/run\/boottorrent\/oss \/run\/boottorrent\/hypervisor$/)
  })

  test('waits until the one that was given up has ended', async () => {
    const session = createSession({ timeout: 0 })
    await system.pass(1500)
    const first = aria2.child
    if (first) first.isDeaf = true
    press(session, 'm', 'enter')
    await system.pass(500)
    on(session, 'download')
    expect(aria2.child).toBe(first)
    await system.pass(2000)
    expect(first?.signals).toEqual(['INT', 'KILL'])
    expect(aria2.child).not.toBe(first)
  })

  test('that does not fit is not begun', async () => {
    system.free = 999
    const session = createSession({ timeout: 0 })
    await system.pass(1000)
    expect(on(session, 'failure').failure.message).toBe('The memory of this machine is full.')
    expect(aria2.child).toBeUndefined()
    press(session, 'r')
    await system.pass(1000)
    expect(on(session, 'failure').failure.details[0]).toBe('Debian 12 Bookworm has 1.0 kB; there is room for 999 B.')
  })

  test.each([
    [['initrd.gz'], 2000, '3.0 kB'],
    [['initrd.gz', 'extra.gz'], 3000, '4.0 kB'],
  ])(
    'that fits, but not with the copies that its start makes of its initrds (%j), is not begun',
    async (initrds, free, need) => {
      system.free = 1_000_000
      system.files.set('/proc/meminfo', `MemAvailable:    ${Math.ceil(free / 1024)} kB\n`)
      const session = createSession({ timeout: 0, oss: [{ ...debian, initrds, initrdBytes: 1000 } as ClientOs] })
      await system.pass(1000)
      expect(on(session, 'failure').failure.details[0]).toMatch(
        `Debian 12 Bookworm needs, with the copies of its initrd for the start, ${need}; there is room for`,
      )
      expect(aria2.child).toBeUndefined()
      system.files.set('/proc/meminfo', 'MemAvailable:    4 kB\n')
      press(session, 'r')
      await system.pass(1000)
      expect(aria2.child).toBeDefined()
    },
  )
})

test('a program that fits, but not with the copy that runs, is not downloaded', async () => {
  system.free = 1500
  const session = createSession({ timeout: 0, oss: [{ ...tool, programBytes: 900 } as ClientOs], defaultOs: 'tool' })
  await system.pass(1000)
  expect(on(session, 'failure').failure.details[0]).toBe(
    'Inventory tool needs, with the copy of its program for the start, 1.9 kB; there is room for 1.5 kB.',
  )
  expect(aria2.child).toBeUndefined()
  system.free = 1900
  press(session, 'r')
  await system.pass(1000)
  expect(aria2.child).toBeDefined()
})

describe('what goes wrong with a download', () => {
  async function failed(session: Session) {
    await system.pass(2000)
    return on(session, 'failure')
  }

  test('aria2 says an error: its own words are shown, and it is tried again by itself', async () => {
    const session = createSession({ timeout: 0 })
    aria2.status = { status: 'error', errorCode: '19', errorMessage: 'Could not resolve the name' }
    const { failure, secondsLeft } = await failed(session)
    expect(failure.message).toBe('The download failed.')
    expect(failure.details).toContain('Could not resolve the name')
    expect(secondsLeft).toBeGreaterThan(20)
    expect(lines).toContain('boottorrent: failed The download failed.')
    aria2.progress(10)
    aria2.status = { ...aria2.status, status: 'active', totalLength: '1000' }
    await system.pass(31_000)
    on(session, 'download')
  })

  test('the host is told the figures that a machine’s memory is too small by', async () => {
    system.free = 999
    createSession({ timeout: 0 }, 'http://192.0.2.1:8000/report')
    await system.pass(1000)
    expect(aria2.reports.at(-1)).toBe(
      'The memory of this machine is full. Debian 12 Bookworm has 1.0 kB; there is room for 999 B.',
    )
  })

  test('the memory is full: says so, and waits for a person', async () => {
    const session = createSession({ timeout: 0 })
    aria2.status = { status: 'error', errorCode: '9', errorMessage: 'Not enough disk space available.' }
    const { failure, secondsLeft } = await failed(session)
    expect(failure.message).toBe('The memory of this machine is full.')
    expect(secondsLeft).toBeUndefined()
  })

  test('aria2 dies: its last lines are shown', async () => {
    const session = createSession({ timeout: 0 })
    await system.pass(1500)
    aria2.child?.say('terminate called after throwing an instance of std::bad_alloc')
    aria2.child?.end({ signal: 6 })
    const { failure } = await failed(session)
    expect(failure.message).toBe('The download program aria2 ended by signal 6.')
    expect(failure.details).toEqual(['terminate called after throwing an instance of std::bad_alloc'])
  })

  test('aria2 is not there', async () => {
    const session = createSession({ timeout: 0 })
    system.onSpawn = (child) => child.end({ code: child.command.words[0] === '/bin/aria2c' ? 127 : 0 })
    await system.pass(1000)
    expect(on(session, 'failure').failure.message).toBe('The download program aria2 ended with code 127.')
  })

  test('the torrent is not there', async () => {
    system.files.clear()
    const { failure } = await failed(createSession({ timeout: 0 }))
    expect(failure.message).toBe('There is no torrent /boottorrent/torrents/debian.torrent.')
  })

  test('the tracker says no and nobody is there: fails after a while, with the tracker’s words', async () => {
    const session = createSession({ timeout: 0 })
    aria2.status = { ...aria2.status, connections: '0' }
    await system.pass(1500)
    aria2.child?.say('11/22 21:21:27 [ERROR] CUID#12 - Download aborted. URI=http://127.0.0.1:9/announce?info_hash=x')
    aria2.child?.say(
      'Exception: [AbstractCommand.cc:856] errorCode=1 Failed to establish connection, cause: Connection refused',
    )
    await system.pass(15_000)
    expect(on(session, 'download').remark).toContain('Still looking')
    await system.pass(6000)
    const { failure } = on(session, 'failure')
    expect(failure.message).toContain('tracker')
    expect(failure.details).toEqual(['Failed to establish connection, cause: Connection refused'])
  })

  test('the tracker says no but neighbours are there: goes on', async () => {
    const session = createSession({ timeout: 0 })
    await system.pass(1500)
    aria2.child?.say('[ERROR] GID#1 - Tracker request http://127.0.0.1:9/announce?info_hash=x failed')
    aria2.child?.say('Exception: [bencode2.cc:70] errorCode=25 Bencode decoding failed')
    await system.pass(120_000)
    on(session, 'download')
  })

  test('the server dies among neighbours who lack the same pieces: says what is missing, tells it once, and goes on', async () => {
    const session = createSession({ timeout: 0 })
    await system.pass(1500)
    aria2.progress(430, 0)
    aria2.status = { ...aria2.status, connections: '7', numSeeders: '0' }
    await system.pass(15_000)
    expect(on(session, 'download').remark).toBeUndefined()
    await system.pass(600_000)
    expect(on(session, 'download').remark).toContain('Nobody here has the missing pieces: is the server running?')
    const waitings = () => lines.filter((line) => line.startsWith('boottorrent: waiting'))
    expect(waitings()).toEqual([expect.stringMatching(/^boottorrent: waiting debian 43%: Nobody here has/)])

    aria2.progress(500)
    await system.pass(2000)
    expect(on(session, 'download').remark).toBeUndefined()
    aria2.status = { ...aria2.status, numSeeders: '1' }
    await system.pass(30_000)
    expect(on(session, 'download').remark).toContain('Nothing comes from the machines that have everything')
    expect(waitings()).toHaveLength(2)
  })

  test('what an earlier attempt left is checked for a long time: nobody is said to be missing meanwhile', async () => {
    const session = createSession({ timeout: 0 })
    await system.pass(1500)
    aria2.status = { ...aria2.status, connections: '0', verifiedLength: '10' }
    await system.pass(60_000)
    expect(on(session, 'download').remark).toBeUndefined()
    expect(on(session, 'download').status?.verified).toBe(10)
  })

  test('the server is there and silent: nobody is told that it is not, though it never says that it has everything', async () => {
    system.environment.BT_SERVER = 'http://192.0.2.1:8000'
    const session = createSession({ timeout: 0 })
    await system.pass(1500)
    aria2.progress(430, 0)
    aria2.status = { ...aria2.status, connections: '2', numSeeders: '0' }
    aria2.peers = ['192.0.2.1', '192.0.2.50'].map((ip) => ({ ip, downloadSpeed: '0', uploadSpeed: '0', bitfield: '' }))
    await system.pass(30_000)
    expect(on(session, 'download').remark).toContain('The server is there, but nothing comes')
  })

  test('the tracker says that the server does not have it any more: that is the reason, while nothing comes', async () => {
    const session = createSession({ timeout: 0 })
    await system.pass(1500)
    aria2.progress(430, 0)
    aria2.status = { ...aria2.status, connections: '0' }
    aria2.child?.say(
      '11/27 11:20:01 [WARN] Tracker returned warning message: The server does not have debian any more.',
    )
    await system.pass(5000)
    expect(on(session, 'download').remark).toBeUndefined()
    await system.pass(10_000)
    expect(on(session, 'download').remark).toBe('The server does not have debian any more. Still looking.')
    aria2.progress(500)
    await system.pass(1000)
    expect(on(session, 'download').remark).toBeUndefined()
  })

  test('a waiting is reported to the host now and then, for silence would mean something else, and after it progress again', async () => {
    const session = createSession({ timeout: 0 }, 'http://192.0.2.1:8000/report')
    aria2.progress(430, 0)
    aria2.status = { ...aria2.status, numSeeders: '0' }
    await system.pass(60_000)
    on(session, 'download')
    expect(aria2.reports.filter((detail) => detail.includes('Nobody here'))).toHaveLength(6)
    expect(aria2.reports.at(-1)).toMatch(/^debian 43%: Nobody here/)
    aria2.progress(500)
    await system.pass(5000)
    expect(aria2.reports.at(-1)).toBe('debian 50%')
  })

  test('damaged pieces are told to the host when the first one comes, and how many there were at the end', async () => {
    const session = createSession({ timeout: 0, seedTime: 30 }, 'http://192.0.2.1:8000/report')
    const wrong = () => aria2.child?.say('[WARN] CUID#7 - we got wrong piece. index=3 from=192.0.2.7')
    const troubles = () => aria2.told.filter(({ step }) => step === 'trouble').map(({ detail }) => detail)
    await system.pass(1500)
    expect(troubles()).toEqual([])
    wrong()
    await system.pass(1000)
    const first = 'debian: 1 damaged piece came, its last part from 192.0.2.7; what is damaged is fetched again'
    expect(troubles()).toEqual([first])
    for (let count = 0; count < 100; count++) {
      wrong()
      await system.pass(1000)
    }
    expect(on(session, 'download').status?.damage.pieces).toBe(101)
    expect(troubles()).toEqual([first])
    aria2.complete()
    await system.pass(1000)
    const last = 'debian: 101 damaged pieces came, their last parts from 192.0.2.7, and were fetched again'
    expect(troubles()).toEqual([first, last])
    expect(lines).toEqual(expect.arrayContaining([`boottorrent: trouble ${first}`, `boottorrent: trouble ${last}`]))
  })

  test('numbers go to the host: what came from whom, and who gives to whom, also while it seeds', async () => {
    system.environment.BT_SERVER = 'http://192.0.2.1:8000'
    const session = createSession({ timeout: 0, seedTime: 30 }, 'http://192.0.2.1:8000/report')
    aria2.status = { ...aria2.status, numPieces: '4', bitfield: 'c0' }
    aria2.peers = [
      { ip: '192.0.2.1', downloadSpeed: '75', uploadSpeed: '0', bitfield: 'f0' },
      { ip: '192.0.2.7', downloadSpeed: '25', uploadSpeed: '40', bitfield: '80' },
    ]
    aria2.progress(400)
    await system.pass(2500)
    expect(aria2.told.at(-1)).toMatchObject({
      step: 'progress',
      progress: {
        done: 400,
        total: 1000,
        down: 100,
        fromServer: 300,
        fromPeers: 100,
        pieces: 'ffffffff00000000',
        peers: [
          { address: '192.0.2.1', down: 75, up: 0, progress: 100 },
          { address: '192.0.2.7', down: 25, up: 40, progress: 25 },
        ],
      },
    })
    aria2.complete()
    await system.pass(5000)
    on(session, 'seeding')
    const steps = aria2.told.map(({ step }) => step)
    expect(steps.slice(-2)).toEqual(['seeding', 'seeding'])
    expect(aria2.told.at(-1)?.progress).toMatchObject({ done: 1000, fromServer: 750, fromPeers: 250 })
  })

  test('r tries again, keeps what is there and has it checked', async () => {
    const session = createSession({ timeout: 0 })
    aria2.status = { status: 'error', errorCode: '1', errorMessage: 'no' }
    await failed(session)
    aria2.status = { status: 'active', completedLength: '500', totalLength: '1000', connections: '1' }
    press(session, 'r')
    await system.pass(1000)
    on(session, 'download')
    expect(aria2.options).toContain('--check-integrity=true')
    expect(removals()).toBe(1)
  })

  test('m goes back to the menu, s opens a shell, and both stop the clock', async () => {
    const session = createSession({ timeout: 0 })
    aria2.status = { status: 'error', errorCode: '1', errorMessage: 'no' }
    await failed(session)
    press(session, 's')
    expect(shells).toEqual([vga])
    await system.pass(60_000)
    expect(on(session, 'failure').secondsLeft).toBeUndefined()
    press(session, 'm')
    on(session, 'menu')
  })
})

describe('seeding', () => {
  async function seeding(seedTime: number) {
    const session = createSession({ timeout: 0, seedTime })
    aria2.complete()
    await system.pass(1000)
    return session
  }

  test('lasts as long as the host wants, then the kernel starts', async () => {
    const session = await seeding(30)
    expect(lines).toContain('boottorrent: seeding debian up to 30 s')
    expect(on(session, 'seeding').secondsLeft).toBeGreaterThan(25)
    expect(calls().some((words) => words.includes('kexec'))).toBe(false)
    await system.pass(31_000)
    expect(calls().some((words) => words.includes('kexec'))).toBe(true)
  })

  test('is over when the tracker says that every machine has it', async () => {
    aria2.swarm = { complete: 2, incomplete: 3 }
    const session = await seeding(3600)
    await system.pass(10_000)
    expect(on(session, 'seeding').waiting).toBe(3)
    aria2.swarm = { complete: 5, incomplete: 0 }
    await system.pass(3000)
    expect(lines).toContain('boottorrent: seeding debian over, every machine has it')
    expect(lines).toContain('boottorrent: start debian kexec')
  })

  test('is over at once when this machine is alone', async () => {
    aria2.swarm = { complete: 2, incomplete: 0 }
    createSession({ timeout: 0, seedTime: 3600 })
    aria2.complete()
    await system.pass(0)
    expect(lines).toContain('boottorrent: seeding debian over, every machine has it')
    expect(lines).toContain('boottorrent: start debian kexec')
  })

  test('goes on to its end when the tracker does not answer', async () => {
    const session = await seeding(30)
    await system.pass(20_000)
    expect(on(session, 'seeding').waiting).toBeUndefined()
    await system.pass(11_000)
    expect(lines).toContain('boottorrent: start debian kexec')
  })

  test('goes on when the tracker does not even know this machine, as after its restart', async () => {
    aria2.swarm = { complete: 0, incomplete: 0 }
    const session = await seeding(3600)
    await system.pass(10_000)
    expect(on(session, 'seeding').waiting).toBeUndefined()
  })

  test('goes on while one of several trackers knows of machines that wait', async () => {
    aria2.announceList = [['http://192.0.2.2:7000/announce'], ['http://192.0.2.1:6969/announce']]
    aria2.swarm = { complete: 5, incomplete: 0 }
    const first = system.onExchange
    const answer =
      'HTTP/1.1 200 OK\r\n\r\nd5:filesd20:xxxxxxxxxxxxxxxxxxxxd8:completei1e10:downloadedi0e10:incompletei2eeee'
    system.onExchange = (exchange) => (exchange.port === 7000 ? answer : first(exchange))
    const session = await seeding(3600)
    await system.pass(5000)
    expect(on(session, 'seeding').waiting).toBe(2)
  })

  test('is left out when the time is 0', async () => {
    await seeding(0)
    expect(lines.some((line) => line.includes('seeding'))).toBe(false)
  })

  test('ends at once on Enter', async () => {
    const session = await seeding(3600)
    press(session, 'enter')
    await system.pass(2000)
    expect(lines).toContain('boottorrent: start debian kexec')
  })

  test('whose aria2 dies does not keep the system from starting', async () => {
    await seeding(3600)
    aria2.child?.end({ signal: 9 })
    await system.pass(3000)
    expect(lines).toContain('boottorrent: start debian kexec')
  })

  test('can be given up for the menu', async () => {
    const session = await seeding(3600)
    press(session, 'm')
    await system.pass(5000)
    on(session, 'menu')
    expect(lines).not.toContain('boottorrent: start debian kexec')
  })
})

describe('handing over', () => {
  test('a kexec that fails shows the words of kexec', async () => {
    const session = createSession({ timeout: 0 })
    const start = system.onSpawn
    system.onSpawn = (child) => {
      if (!child.command.words[0]?.endsWith('kexec')) return start(child)
      child.say('the kernel vmlinuz cannot be started: not a bzImage')
      child.end({ code: 1 })
    }
    aria2.complete()
    await system.pass(5000)
    const { failure } = on(session, 'failure')
    expect(failure.message).toBe('Debian 12 Bookworm: its kernel did not start (exit status 1).')
    expect(failure.details).toEqual(['the kernel vmlinuz cannot be started: not a bzImage'])
  })

  test('the host is told why kexec failed, cut where it is long', async () => {
    createSession({ timeout: 0 }, 'http://192.0.2.1:8000/report')
    const start = system.onSpawn
    system.onSpawn = (child) => {
      if (child.command.words[0]?.endsWith('kexec')) child.say(`  Cannot load ${'x'.repeat(300)}`)
      start(child)
    }
    aria2.complete()
    await system.pass(5000)
    const { step, detail } = aria2.told.at(-1) ?? {}
    expect(step).toBe('failed')
    expect(detail).toMatch(/^Debian 12 Bookworm: its kernel did not start \(exit status 0\)\. Cannot load x+\.\.\.$/)
    expect(detail).toHaveLength(256)
  })

  test('a kexec that comes back without an error is a failure all the same', async () => {
    const session = createSession({ timeout: 0 })
    aria2.complete()
    await system.pass(5000)
    expect(on(session, 'failure').failure.message).toContain('exit status 0')
  })

  test('a program gets the console, its folder and its arguments; how it ended is shown', async () => {
    aria2.programCode = 3
    const session = createSession({ timeout: 0, defaultOs: 'tool' })
    aria2.complete()
    await system.pass(5000)
    const { words, folder, terminal } = system.children.at(-1)?.command ?? { words: [] }
    expect(words.slice(3)).toEqual(['linux', '/run/boottorrent/oss/tool/bin/tool', '--all', 'two words'])
    expect(folder).toBe('/run/boottorrent/oss/tool')
    expect(terminal).toBe(vga)
    expect(consoles).toEqual([`lend ${vga}`, `take back ${vga}`])
    expect(on(session, 'ended').result).toBe('exit status 3')
    press(session, 'x')
    expect(on(session, 'menu').selected).toBe(1)
  })

  test('a program whose copy finds no room any more: the memory is full, in words', async () => {
    const session = createSession({ timeout: 0, defaultOs: 'tool' })
    const start = system.onSpawn
    const words = 'cp: write error: No space left on device'
    system.onSpawn = (child) => {
      if (!child.command.words[2]?.startsWith('cp ')) return start(child)
      child.say(words)
      child.end({ code: 1 })
    }
    aria2.complete()
    await system.pass(5000)
    const { failure } = on(session, 'failure')
    expect(failure.message).toBe('The memory of this machine is full.')
    expect(failure.details).toEqual([words])
    expect(consoles).toEqual([])
  })

  test('a program that cannot be copied for another reason: the words of cp are shown', async () => {
    const session = createSession({ timeout: 0, defaultOs: 'tool' })
    const start = system.onSpawn
    system.onSpawn = (child) => {
      if (!child.command.words[2]?.startsWith('cp ')) return start(child)
      child.say("cp: can't stat 'bin/tool'")
      child.end({ code: 1 })
    }
    aria2.complete()
    await system.pass(5000)
    const { failure } = on(session, 'failure')
    expect(failure.message).toBe('Inventory tool: bin/tool could not be made a program (exit status 1).')
    expect(failure.details).toEqual(["cp: can't stat 'bin/tool'"])
  })

  test('a program does not start where somebody has a shell: says so, and tries again by itself', async () => {
    const session = createSession({ timeout: 0, defaultOs: 'tool' })
    isLent = true
    aria2.complete()
    await system.pass(5000)
    const { failure, secondsLeft } = on(session, 'failure')
    expect(failure.message).toBe(`Inventory tool cannot start: a shell is open on ${vga}.`)
    expect(secondsLeft).toBeGreaterThan(0)
    expect(consoles).toEqual([])
    isLent = false
    await system.pass(40_000)
    on(session, 'ended')
    expect(consoles).toEqual([`lend ${vga}`, `take back ${vga}`])
  })

  test.each([
    ['#!/usr/bin/python3\n', 'Inventory tool: bin/tool needs /usr/bin/python3, which this system has not.'],
    ['#!/bin/sh\r\n', 'Inventory tool: bin/tool has the line ends of Windows, so nothing here can run it.'],
    [elf(62), 'Inventory tool: bin/tool is a 64-bit program; this machine runs the kernel 6.1.0-50-686.'],
    [
      elf(183),
      'Inventory tool: bin/tool is made for another kind of processor; this machine runs the kernel 6.1.0-50-686.',
    ],
  ])('a program that cannot run here is not started: what it lacks is said', async (content, message) => {
    system.files.set('/run/boottorrent/oss/tool/bin/tool', content)
    system.files.set('/proc/sys/kernel/osrelease', '6.1.0-50-686\n')
    const session = createSession({ timeout: 0, defaultOs: 'tool' })
    aria2.complete()
    await system.pass(5000)
    expect(on(session, 'failure').failure.message).toBe(message)
    expect(consoles).toEqual([])
  })
})

/** The first bytes of a static 64-bit program for a kind of processor. */
function elf(machine: number): string {
  const header = Buffer.alloc(64)
  header.write('\x7fELF\x02\x01', 'latin1')
  header.writeUInt16LE(machine, 18)
  return header.toString('latin1')
}

test('names from the configuration cannot bring control characters onto a console', () => {
  createSession({
    oss: [{ ...debian, name: 'a\x1b[2Jb\nboottorrent: start' }],
    defaultOs: 'a\x1b[2Jb\nboottorrent: start',
    timeout: 5,
  })
  expect(lines).toEqual(['boottorrent: menu 1 system, default a?[2Jb?boottorrent: start in 5 s'])
})
