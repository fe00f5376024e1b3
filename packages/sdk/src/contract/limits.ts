/** What programs and files of plugins may take at most. Each is named in the error of whoever exceeds it. */
export const limits = {
  /** Scripts and commands, unless told: one that takes longer says so, or is detached. */
  timeoutMs: 600_000,
  /** Bytes kept of each stream of a program. */
  outputBytes: 8 * 1024 * 1024,
  /** Bytes of one command's standard output that a job's log takes when they are more than is kept. */
  loggedBytes: 64 * 1024 * 1024,
  /** Bytes of each stream that a failed command's error shows. */
  tailBytes: 4_096,
  /** Bytes of a file that `files` reads or writes. */
  fileBytes: 4 * 1024 * 1024,
} as const

const MEBIBYTE = 1024 * 1024

/** Bytes as people write them. */
export const mebibytes = (bytes: number): string => `${Number((bytes / MEBIBYTE).toFixed(1))} MiB`
