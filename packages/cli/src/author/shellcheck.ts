import { execa } from "execa"
import { availableParallelism } from "node:os"
import { dirname } from "node:path"
import type { Fault } from "./fault.ts"
import type { DeclaredScript } from "./inspect.ts"
import { isRecord, libraryPath } from "./layout.ts"
import type { ScriptFile } from "./scripts.ts"

/** One remark of shellcheck (its json1 format). */
export interface Remark {
  file: string
  line: number
  column: number
  code: number
  message: string
}

/** A variable is read but not set; the second where another's name is much like it. */
const UNASSIGNED = [2154, 2153]
/** A file that is sourced can't be told, found or parsed. */
const NOT_FOLLOWED = [1090, 1091, 1094]
/** Set by the library, which a script below a folder has beside it only in the artifact. */
const OF_LIBRARY = /^(?:DAEMON_PID$|VENEER_)/

/**
 * Runs shellcheck over a plugin's scripts as they stand beside the library.
 * @returns its remarks, or why it could not be asked
 */
export async function shellcheck(folder: string, scripts: readonly ScriptFile[]): Promise<Remark[] | string> {
  const paths = scripts.map(({ path }) => path)
  if (paths.length === 0) return []
  const share = Math.ceil(paths.length / Math.min(4, availableParallelism()))
  const shares = paths.flatMap((_, index) => (index % share === 0 ? [paths.slice(index, index + share)] : []))
  const outcomes = await Promise.all(shares.map((some) => remarksOn(folder, some)))
  return outcomes.find((outcome) => typeof outcome === "string") ?? outcomes.filter((outcome) => typeof outcome !== "string").flat()
}

/** Its remarks as faults. What a script reads without setting it has to be declared. */
export function remarkFaults(scripts: readonly ScriptFile[], remarks: readonly Remark[], declared: readonly DeclaredScript[]): Fault[] {
  return scripts.flatMap(({ path }) => faultsOf(path, remarks.filter(({ file }) => file === path), declared.filter(({ file }) => file === path)))
}

async function remarksOn(folder: string, paths: readonly string[]): Promise<Remark[] | string> {
  const options = ["--format=json1", "--external-sources", "--enable=check-unassigned-uppercase", "--source-path=SCRIPTDIR", `--source-path=${dirname(libraryPath())}`]
  const { stdout, stderr, code, exitCode } = await execa("shellcheck", [...options, "--", ...paths], { cwd: folder, reject: false, stdin: "ignore", maxBuffer: 64 * 1024 * 1024 })
  if (code === "ENOENT") return "shellcheck is not installed, so the scripts were not looked at for what it finds. Install the package shellcheck."
  if (exitCode !== 0 && exitCode !== 1) return `shellcheck could not be run: ${stderr.trim() || `it ended with exit code ${exitCode}`}.`
  const { comments }: { comments: Remark[] } = JSON.parse(stdout)
  return comments.filter((remark) => isRecord(remark))
}

function faultsOf(path: string, remarks: readonly Remark[], declared: readonly DeclaredScript[]): Fault[] {
  const isFollowed = !remarks.some(({ code, message }) => NOT_FOLLOWED.includes(code) && !message.includes("lib.sh"))
  return remarks.filter(({ code }) => !NOT_FOLLOWED.includes(code)).flatMap((remark): Fault[] => {
    const place = `scripts/${path}:${remark.line}:${remark.column}`
    const [, name] = UNASSIGNED.includes(remark.code) ? (/^(?:Possible misspelling: )?([A-Z][A-Z0-9_]*) (?:is referenced|may not be assigned)/.exec(remark.message) ?? []) : []
    if (name === undefined) return [{ place, message: `SC${remark.code}: ${remark.message}`, mend: `Mend it, or give the reason: # shellcheck disable=SC${remark.code} # why` }]
    // What only others source gets its variables from them.
    if (!isFollowed || OF_LIBRARY.test(name) || declared.every(({ variables }) => Object.hasOwn(variables, name))) return []
    return [{ place, message: `${path} uses ${name}, which it neither sets nor is given.`, mend: `Add ${name} to the variables of script({ file: ${JSON.stringify(path)} }), or write \${${name}-} if it may be unset.` }]
  })
}
