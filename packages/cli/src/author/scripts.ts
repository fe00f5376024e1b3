import { variableNameFault } from "@veneer/sdk/contract"
import { execa } from "execa"
import { readFile } from "node:fs/promises"
import { basename, join, posix } from "node:path"
import type { Fault } from "./fault.ts"
import type { DeclaredScript } from "./inspect.ts"
import type { Positions } from "./positions.ts"

/** One `.sh` file of a plugin. */
export interface ScriptFile {
  /** Below the folder of scripts. */
  path: string
  /** Its lines with comments emptied. */
  lines: readonly string[]
  /** Paths of the scripts it sources; `lib.sh` among them. */
  sources: readonly string[]
}

/** The script library that the build puts beside a plugin's scripts. */
const LIBRARY = "lib.sh"

/** Reads the `.sh` files among a plugin's files. */
export async function readScripts(folder: string, files: readonly string[]): Promise<ScriptFile[]> {
  return Promise.all(files.filter((file) => file.endsWith(".sh")).map(async (path) => {
    const lines = (await readFile(join(folder, path), "utf8")).split("\n").map((line) => (/^\s*#/.test(line) ? "" : line))
    return { path, lines, sources: lines.flatMap((line) => sourcesIn(line, path)) }
  }))
}

/** `source "${BASH_SOURCE[0]%/*}/x.sh"` names `x.sh`, whatever stands before the slash. */
function sourcesIn(line: string, path: string): string[] {
  const [, name] = /^\s*(?:source|\.)\s+(?:"[^"]*\}\/|"?\$\w+\/)?"?([\w./-]+\.sh)\b/.exec(line) ?? []
  return name === undefined ? [] : [posix.normalize(posix.join(posix.dirname(path), name.replace(/^\//, "")))]
}

/** A script with all it sources, itself first. */
export function withSources(scripts: readonly ScriptFile[], path: string, seen = new Set<string>()): ScriptFile[] {
  const script = scripts.find((candidate) => candidate.path === path)
  if (!script || seen.has(path)) return []
  seen.add(path)
  return [script, ...script.sources.flatMap((source) => withSources(scripts, source, seen))]
}

/** Each script through `bash -n`: it parses, nothing of it runs. */
export async function syntaxFaults(folder: string, scripts: readonly ScriptFile[]): Promise<Fault[]> {
  const faults = scripts.map(async ({ path }): Promise<Fault[]> => {
    const { failed, stderr } = await execa("bash", ["-n", "--", path], { cwd: folder, reject: false, env: { LC_ALL: "C" } })
    const [, line, message] = /line (\d+): (.*)/.exec(stderr) ?? []
    return failed ? [{ place: line === undefined ? `scripts/${path}` : `scripts/${path}:${line}`, message: message ?? stderr.trim(), mend: "Mend the script there." }] : []
  })
  return (await Promise.all(faults)).flat()
}

/** Holds a plugin's scripts against their declarations, both ways, and against the basics of the script contract. */
export function scriptFaults(scripts: readonly ScriptFile[], declared: readonly DeclaredScript[], positions: Positions): Fault[] {
  const mentioned = (file: string, name: string) => withSources(scripts, file).some(({ lines }) => lines.some((line) => new RegExp(`\\b${name}\\b`).test(line)))
  // Scripts may share a set of variables of which each uses some.
  const isUsed = (name: string) => declared.some(({ file, variables }) => Object.hasOwn(variables, name) && mentioned(file, name))
  return [...declared.flatMap((declaration) => declarationFaults(scripts, declaration, { positions, mentioned, isUsed })), ...scripts.flatMap((script) => fileFaults(scripts, script, declared))]
}

interface Known {
  positions: Positions
  /** Whether a script, or one it sources, mentions a name. */
  mentioned: (file: string, name: string) => boolean
  /** Whether any script that is given a variable uses it. */
  isUsed: (name: string) => boolean
}

function declarationFaults(scripts: readonly ScriptFile[], { file, variables, hasOutput, stack }: DeclaredScript, { positions, mentioned, isUsed }: Known): Fault[] {
  const place = positions.ofStack(stack) ?? `scripts/${file}`
  const own = scripts.find(({ path }) => path === file)
  if (!own) return file.endsWith(".sh") ? [{ place, message: `The script ${file} is declared, but scripts/${file} is not there.`, mend: "Write it, or correct the name." }] : []
  const faults = Object.keys(variables).flatMap((name): Fault[] => {
    const fault = variableNameFault(name)
    if (fault !== undefined) return [{ place, message: `${file}: ${fault}`, mend: "Give the variable another name." }]
    return isUsed(name) ? [] : [{ place, message: `${file} is given ${name}, but does not use it.`, mend: `Use it in scripts/${file}, or take it out of the declaration.` }]
  })
  const emits = own.lines.findIndex((line) => /\bemit\b/.test(line))
  if (hasOutput && !mentioned(file, "emit")) faults.push({ place: `scripts/${file}`, message: `${file} declares an output, but emits nothing.`, mend: "Let it end with emit '{…}', or take the output out of its declaration." })
  if (!hasOutput && emits >= 0) faults.push({ place: `scripts/${file}:${emits + 1}`, message: `${file} emits a document, but declares no output.`, mend: "Declare its output: Type.Object({}) if there is nothing to say." })
  return faults
}

function fileFaults(scripts: readonly ScriptFile[], script: ScriptFile, declared: readonly DeclaredScript[]): Fault[] {
  const { path, lines, sources } = script
  const place = `scripts/${path}`
  const faults = sources.filter((source) => source !== LIBRARY && !scripts.some((other) => other.path === source)).map((source) => ({
    place: `${place}:${lines.findIndex((line) => line.includes(basename(source))) + 1}`, message: `${path} sources ${source}, which is not there.`, mend: `Write scripts/${source}, or correct the name.`,
  }))
  if (path === LIBRARY) return []
  if (!declared.some(({ file }) => file === path)) return [...faults, ...(isNamed(scripts, script) ? [] : [unusedFault(place, path)])]
  return [...faults, ...contractFaults(scripts, script)]
}

const unusedFault = (place: string, path: string): Fault => ({
  place, message: `No script({ file: ${JSON.stringify(path)} }) declares it, and no other script sources it.`, mend: "Declare it at the top level of a module, or remove it.",
})

/** Sourced by another, or named in one: `bash "$folder/helper.sh"`. */
const isNamed = (scripts: readonly ScriptFile[], { path }: ScriptFile): boolean =>
  scripts.some((other) => other.path !== path && (other.sources.includes(path) || other.lines.some((line) => line.includes(basename(path)))))

/** Of a script that a plugin runs: it has the library, and nothing of it happens before all of it has been read. */
function contractFaults(scripts: readonly ScriptFile[], { path, lines }: ScriptFile): Fault[] {
  const place = `scripts/${path}`
  const faults: Fault[] = []
  if (!withSources(scripts, path).some(({ sources }) => sources.includes(LIBRARY))) {
    faults.push({ place: `${place}:1`, message: `${path} does not source lib.sh, and so gets no variables and can't answer.`, mend: `Begin it with: source "\${BASH_SOURCE[0]%/*}/lib.sh"` })
  }
  const last = lines.findLastIndex((line) => line.trim() !== "")
  if (!/^main(?: "\$@")?$/.test((lines[last] ?? "").trim())) {
    faults.push({ place: `${place}:${Math.max(0, last) + 1}`, message: `${path} does not end by calling main.`, mend: "Put its work into main() { … } and call main in the last line: half a script then does nothing." })
  }
  return faults
}
