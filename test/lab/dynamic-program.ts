/** Systems that are programs linked against glibc and a library of their own, compiled here for 32 or 64 bit. */
import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

const COMPILERS = { i386: 'i686-linux-gnu-gcc', amd64: 'x86_64-linux-gnu-gcc' } as const

const LIBRARY = `
const char *greeting(void) { return "hello"; }
`

/** Tells of itself on its terminal, as its own child at first, and ends with status 7. */
const PROGRAM = `
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

const char *greeting(void);

int main(int argc, char **argv) {
  if (argc == 1) return printf("CHILD %s\\n", greeting()) < 0;
  if (fork() == 0) {
    execl(argv[0], argv[0], (char *)0);
    return 1;
  }
  wait(NULL);
  printf("PROGRAM %s, %s, terminal %d\\n", greeting(), argv[1], isatty(0));
  return 7;
}
`

/** Writes two systems: `whole`, and `torn`, which lacks its own library. */
export async function writeDynamicPrograms(directory: string, architecture: keyof typeof COMPILERS): Promise<void> {
  const compiler = COMPILERS[architecture]
  for (const name of ['whole', 'torn']) {
    const os = join(directory, 'oss', name)
    await mkdir(os, { recursive: true })
    const source = join(directory, 'source.c')
    const library = join(os, 'libgreeting.so')
    await writeFile(source, LIBRARY)
    await run(compiler, ['-shared', '-fPIC', '-o', library, source])
    await writeFile(source, PROGRAM)
    await run(compiler, ['-o', join(os, 'tool'), source, `-L${os}`, '-lgreeting'])
    if (name === 'torn') await rm(library)
    await writeFile(join(os, 'config.yaml'), `dispname: ${name}\nmethod: bin\nbin: tool\nbinargs: [two words]\n`)
  }
}
