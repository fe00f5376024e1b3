const MEBIBYTE = 1024 * 1024

/**
 * What plugins, their programs and their files may take at most. Each is named in the error of whoever exceeds it; the
 * docs' page of limits says what becomes of them.
 */
export const limits = {
  // programs and files on hosts
  /** Scripts and commands, unless told: one that takes longer says so, or is detached. */
  timeoutMs: 600_000,
  /** Bytes kept of each stream of a program. */
  outputBytes: 8 * MEBIBYTE,
  /** Bytes of one command's standard output that a job's log takes when they are more than is kept. */
  loggedBytes: 64 * MEBIBYTE,
  /** Bytes of each stream that a failed command's error shows. */
  tailBytes: 4_096,
  /** Bytes of a file that `files` reads or writes. */
  fileBytes: 4 * MEBIBYTE,
  /** Commands, files, ports and credentials that one call has asked for and not yet got. */
  requestsAtOnce: 64,
  /** Lines of a command that a handler has yet to take, in bytes. */
  waitingBytes: 16 * MEBIBYTE,

  // one call
  /** Operations that only look, or answer from what they know. */
  lookMs: 600_000,
  /** One batch of stored values through one migration, which only turns JSON into JSON. */
  migrateMs: 10_000,
  /** For a handler to end that was cancelled: its scripts are given time to end, too. */
  cancelMs: 15_000,
  /** Bytes that one call hands to `log` and `progress`. */
  toldBytes: 16 * MEBIBYTE,
  /** Bytes of one message between engine and plugin: an answer, or what is asked for. The largest honest one holds two full output streams. */
  messageBytes: 64 * MEBIBYTE,

  // a plugin's process
  /** For a plugin to load, on a busy machine too. */
  loadMs: 30_000,
  /** A process that answers nothing for so long is stuck: its code never yields. */
  silentMs: 60_000,
  /** Bytes of JavaScript values. */
  heapBytes: 256 * MEBIBYTE,
  /** Bytes of memory in all: values, buffers, stacks. */
  memoryBytes: 768 * MEBIBYTE,
  /** Processes and threads, with those that Node itself starts. */
  tasks: 256,
  /** Bytes printed to standard output and standard error between two moments at which no call is under way. */
  printedBytes: 16 * MEBIBYTE,
} as const

/** Bytes as people write them. */
export const mebibytes = (bytes: number): string => `${Number((bytes / MEBIBYTE).toFixed(1))} MiB`
