/** TFTP clients that others made, as programs. */

/** One program: the words that fetch the file `name` from the loopback address into `local`. */
export interface ClientProgram {
  readonly name: string
  fetch(name: string, local: string, port: number): [command: string, ...words: string[]]
}

/** Without options: else it wants to wait 6 s for every packet that got lost. */
export const curl: ClientProgram = {
  name: 'curl',
  fetch: (name, local, port) => [
    'curl',
    ...['-sSf', '--tftp-no-options', '-o', local],
    `tftp://127.0.0.1:${port}/${name}`,
  ],
}

export const busybox: ClientProgram = {
  name: 'busybox tftp',
  fetch: (name, local, port) => ['busybox', 'tftp', '-g', '-r', name, '-l', local, '127.0.0.1', `${port}`],
}

export const tftpHpa: ClientProgram = {
  name: 'tftp-hpa',
  fetch: (name, local, port) => ['tftp', '-m', 'octet', '127.0.0.1', `${port}`, '-c', 'get', name, local],
}

export const atftp: ClientProgram = {
  name: 'atftp',
  fetch: (name, local, port) => ['atftp', '-g', '-r', name, '-l', local, '127.0.0.1', `${port}`],
}

export const programs: readonly ClientProgram[] = [curl, busybox, tftpHpa, atftp]
