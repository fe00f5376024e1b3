import { execa } from "execa"
import { existsSync } from "node:fs"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bundle } from "./bundle.ts"
import type { Inspected, InspectionRequest } from "./inspect.ts"
import { programPath } from "./layout.ts"

/** A plugin's code loads within this time. */
const LOAD_MS = 30_000

/** Loads plugins' code, each time in a process of its own. */
export interface Inspector {
  /** @returns what was heard, or what stood in the way: `stderr` of the process */
  inspect(code: string, scripts: readonly string[]): Promise<Inspected | { failure: string; stderr: string }>
  close(): Promise<void>
}

let program: Promise<string> | undefined

/**
 * Makes an inspector whose processes work in a folder.
 * @param options.ahead start each process before it is needed: it then only has to load the plugin
 * @param options.below where its files are while it runs; the folder of temporary files unless told
 */
export function createInspector(directory: string, { ahead = false, below = tmpdir() }: { ahead?: boolean; below?: string } = {}): Inspector {
  let next: Promise<Loading> | undefined = ahead ? startLoading(directory, below) : undefined
  return {
    inspect: async (code, scripts) => {
      const loading = await (next ?? startLoading(directory, below))
      next = ahead ? startLoading(directory, below) : undefined
      return loading.inspect(code, scripts)
    },
    close: async () => {
      const loading = await next
      next = undefined
      await loading?.discard()
    },
  }
}

interface Loading extends Pick<Inspector, "inspect"> {
  discard(): Promise<void>
}

async function startLoading(directory: string, below: string): Promise<Loading> {
  const folder = await mkdtemp(join(below, "veneer-check-"))
  const at = (name: string) => join(folder, name)
  program ??= bundle(programPath("inspect"), import.meta.dirname).then((inspect) => inspect.code)
  await writeFile(at("inspect.mjs"), await program)
  const child = execa(process.execPath, [at("inspect.mjs")], { cwd: directory, reject: false, stdin: "pipe" })
  const discard = () => rm(folder, { recursive: true, force: true })
  return {
    inspect: async (code, scripts) => {
      let isLate = false
      const timer = setTimeout(() => {
        isLate = true
        child.kill("SIGKILL")
      }, LOAD_MS)
      try {
        await writeFile(at("plugin.mjs"), code)
        const request: InspectionRequest = { bundle: at("plugin.mjs"), scripts, result: at("result.json") }
        child.stdin.on("error", () => undefined).end(`${JSON.stringify(request)}\n`)
        const { stderr } = await child
        if (existsSync(at("result.json"))) return JSON.parse(await readFile(at("result.json"), "utf8"))
        return { failure: isLate ? `The code did not load within ${LOAD_MS / 1000} s.` : "The code can't be loaded", stderr }
      } finally {
        clearTimeout(timer)
        await discard()
      }
    },
    discard: async () => {
      child.stdin.on("error", () => undefined).end()
      await child
      await discard()
    },
  }
}
