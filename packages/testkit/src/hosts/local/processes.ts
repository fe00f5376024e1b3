import { readdirSync, readFileSync, readlinkSync } from "node:fs"

/** A process of this machine. */
export interface Process {
  pid: number
  /** Its arguments, blank between. */
  command: string
}

/** The processes that have come since it was made; those before are somebody else's. */
export class Newcomers {
  readonly #before = new Set(pids())

  /** Those that work in one of some directories, or have a file below it open. */
  holding(directories: readonly string[]): Process[] {
    const isBelow = (path: string) => directories.some((directory) => path === directory || path.startsWith(`${directory}/`))
    return this.#those((pid) => linksOf(pid).some((link) => isBelow(target(link))))
  }

  /** Those whose arguments or environment hold one of some texts. */
  naming(texts: readonly string[]): Process[] {
    return this.#those((pid) => {
      const said = read(pid, "cmdline") + read(pid, "environ")
      return texts.some((text) => said.includes(text))
    })
  }

  /** Their numbers. */
  pids(): number[] {
    return pids().filter((pid) => !this.#before.has(pid))
  }

  #those(holds: (pid: number) => boolean): Process[] {
    return this.pids().filter(holds).map((pid) => ({ pid, command: read(pid, "cmdline").trim() }))
  }
}

function pids(): number[] {
  return entries("/proc").map(Number).filter((pid) => Number.isInteger(pid) && pid !== process.pid)
}

const linksOf = (pid: number): string[] => [`/proc/${pid}/cwd`, `/proc/${pid}/exe`, ...entries(`/proc/${pid}/fd`).map((descriptor) => `/proc/${pid}/fd/${descriptor}`)]

/** A file of a process, its NULs as blanks; empty for one that has ended, or is not ours to look at. */
export function read(pid: number, file: "cmdline" | "environ"): string {
  return quietly(() => readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " "), "")
}

const entries = (folder: string): string[] => quietly(() => readdirSync(folder), [])

const target = (link: string): string => quietly(() => readlinkSync(link), "")

/** Processes end while they are looked at. */
function quietly<T>(look: () => T, otherwise: T): T {
  try {
    return look()
  } catch {
    return otherwise
  }
}

const COMMAND_LIMIT = 100

/** As messages name them. */
export const nameHolders = (holders: readonly Process[]): string => holders.map(({ pid, command }) => `${pid} (${command.slice(0, COMMAND_LIMIT) || "it has just ended"})`).join(", ")
