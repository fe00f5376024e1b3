import { limits } from "@veneer/sdk/contract"
import { identities } from "./identities.ts"
import { endProcessesOf } from "./strays.ts"

/** How plugins' processes are kept from everything but their own: as far as this machine lets the engine. */
export interface Confinement {
  /** Goes before a process's own argv: no network, limits, no way to more rights. */
  argv: readonly string[]
  /** What can't be kept from plugins here, and why. */
  warnings: readonly string[]
  /** A process of a plugin is about to begin. */
  enter(plugin: string): Tenure
}

/** One process's time as its OS user. */
export interface Tenure {
  /** `uid:gid` of the OS user it becomes, or `-` where it stays the engine's. */
  identity: string
  /** It has ended. When it was the last of its OS user, whatever it left behind is ended, too. */
  leave(): void
}

/** Runs a program of this machine to its end. */
type Try = (argv: readonly [string, ...string[]]) => Promise<{ exitCode: number | undefined }>

/** One thing that is kept from plugins: the ways to do so, best first. */
interface Measure {
  ways: readonly (readonly [string, ...string[]])[]
  warning: string
}

const asRoot: readonly Measure[] = [
  {
    ways: [["unshare", "--net", "--"]],
    warning: "Plugins' processes reach the network: `unshare --net` is not permitted here. Run the engine where it may make network namespaces (CAP_SYS_ADMIN), or run only plugins you trust.",
  },
  {
    ways: [["prlimit", `--data=${limits.memoryBytes}`, `--nproc=${limits.tasks}`, "--fsize=0", "--core=0", "--"]],
    warning: "Plugins' processes have no limits of memory, processes and files: `prlimit` (util-linux) does not work here.",
  },
  {
    // What it takes to become the plugin's OS user, and to read the engine's own program before that.
    ways: [["setpriv", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all,+setuid,+setgid,+dac_read_search", "--"], ["setpriv", "--no-new-privs", "--"]],
    warning: "Programs with the set-user-id bit give plugins' processes further rights: `setpriv --no-new-privs` (util-linux) does not work here.",
  },
]

/** Its plugins' processes are the same OS user's as all else of it, so how many there are is not theirs to answer for. */
const asOther: readonly Measure[] = [
  {
    ways: [["unshare", "--user", "--map-current-user", "--net", "--"]],
    warning: "Plugins' processes reach the network: this machine lets only root make network namespaces. Run the engine as root, or run only plugins you trust.",
  },
  {
    ways: [["prlimit", `--data=${limits.memoryBytes}`, "--fsize=0", "--core=0", "--"]],
    warning: "Plugins' processes have no limits of memory and files: `prlimit` (util-linux) does not work here.",
  },
  {
    ways: [["setpriv", "--no-new-privs", "--"]],
    warning: "Programs with the set-user-id bit give plugins' processes further rights: `setpriv --no-new-privs` (util-linux) does not work here.",
  },
]

/** Finds out, once, what this machine permits. */
export async function confine({ engineId, run }: { engineId: string; run: Try }): Promise<Confinement> {
  const measures = process.getuid?.() === 0 ? asRoot : asOther
  const found = await Promise.all(measures.map(async ({ ways, warning }) => ({ way: await firstThatWorks(ways, run), warning })))
  const { identityOf, warnings } = identities(engineId)
  const living = new Map<number, number>()
  const count = (uid: number, change: 1 | -1): number => {
    const left = (living.get(uid) ?? 0) + change
    living.set(uid, left)
    return left
  }
  return {
    argv: found.flatMap(({ way }) => way ?? []),
    warnings: [...found.flatMap(({ way, warning }) => (way ? [] : [warning])), ...warnings],
    enter: (plugin) => {
      const uid = identityOf(plugin)
      if (uid === undefined) return { identity: "-", leave: () => {} }
      count(uid.id, 1)
      return { identity: `${uid.id}:${uid.id}`, leave: () => void (count(uid.id, -1) === 0 && uid.isOwn && endProcessesOf(uid.id)) }
    },
  }
}

async function firstThatWorks(ways: Measure["ways"], run: Try): Promise<readonly string[] | undefined> {
  for (const way of ways) {
    const { exitCode } = await run([...way, "test", "-x", process.execPath]).catch(() => ({ exitCode: undefined }))
    if (exitCode === 0) return way
  }
  return undefined
}
