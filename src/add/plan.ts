/** How a system is started, as config.yaml spells it. */
export type Method = 'kexec' | 'bin-qemu-x86_64' | 'bin'

export const methods: readonly Method[] = ['kexec', 'bin-qemu-x86_64', 'bin']

/** What a source becomes. Nothing is written before the whole plan is made. */
export interface Plan {
  /** What the source calls itself, for the menu; undefined when it does not say. */
  readonly title: string | undefined
  readonly start: Start
  readonly files: readonly PlannedFile[]
  /** What was decided and why, in whole sentences. */
  readonly decisions: readonly string[]
}

/** The part of config.yaml that depends on the method. File names are those of the plan's files. */
export type Start =
  | { readonly method: 'kexec'; readonly kernel: string; readonly initrds: readonly string[]; readonly cmdline: string }
  | { readonly method: 'bin-qemu-x86_64'; readonly args: readonly string[] }
  | { readonly method: 'bin'; readonly program: string; readonly args: readonly string[] }

/** One file of the new folder. */
export type PlannedFile = {
  readonly name: string
  /** Bytes, or what is known of it: the size before it is packed. */
  readonly size: number
} & (
  | {
      /** Absolute path of a file that is linked or copied. */
      readonly path: string
      readonly isExecutable?: boolean
    }
  | {
      /** Makes the bytes; is called once. `read` counts what of `size` is done. */
      bytes(read: (bytes: number) => void): AsyncIterable<Uint8Array>
    }
)
