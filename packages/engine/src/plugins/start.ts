import { spawn, type ChildProcess } from "node:child_process"
import { limits } from "@veneer/sdk/contract"
import { Duplex } from "node:stream"
import { EngineError } from "../errors.ts"
import { Lines } from "../lines.ts"
import { ENGINE_MARK } from "../marks.ts"
import { shipped } from "../shipped.ts"
import type { Confinement } from "./confinement.ts"

/** How a plugin's process is started. */
export interface Start {
  /** The plugin's id, for messages. */
  name: string
  /** The folder of its unpacked artifact. */
  folder: string
  engineId: string
  confinement: Confinement
  mode: "serve" | "describe"
  /** Takes secrets out of what the process prints. */
  redact: (text: string) => string
  /** Told each line the process prints, and what became of it between calls. */
  print: (line: string) => void
}

/** Starts a plugin's process, with nothing of the engine's environment; `wire` is its end of the channel. */
export function startChild({ name, folder, engineId, confinement, mode, print }: Start): { child: ChildProcess; wire: Duplex } {
  const env = { PATH: process.env["PATH"], LANG: "C.UTF-8", [ENGINE_MARK]: engineId }
  const tenure = confinement.enter(name)
  const [program, ...args] = [...confinement.argv, process.execPath, `--max-old-space-size=${limits.heapBytes / 2 ** 20}`, childPath(), folder, tenure.identity, mode]
  const child = spawn(program, args, { cwd: folder, env, detached: true, stdio: ["ignore", "pipe", "pipe", "pipe"] })
  for (const event of ["exit", "error"]) child.once(event, () => tenure.leave())
  for (const stream of [child.stdout, child.stderr]) {
    const lines = new Lines((line) => print(line))
    stream?.on("data", (chunk: Buffer) => lines.add(chunk))
    stream?.on("end", () => lines.end())
  }
  const [, , , wire] = child.stdio
  if (!(wire instanceof Duplex)) throw new EngineError("internal", `The process of ${name} has no channel.`)
  return { child, wire }
}

const childPath = () => shipped("plugin-process.js", "../dist/plugin-process.js")
