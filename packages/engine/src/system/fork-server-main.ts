// The program of a fork server: starts what it is told to, and tells what comes of it. Ends when nobody is there to tell.
import type { Readable } from "node:stream"
import { startChild, type Child } from "./child.ts"
import type { FromForkServer, Output, ToForkServer } from "./fork-messages.ts"

const running = new Map<number, Child>()

process.on("disconnect", () => process.exit())
// An interruption meant for a terminal's whole group is the other process's to act on.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {})

process.on("message", (message: ToForkServer) => {
  if (message.type === "start") start(message)
  else release(message.id)
})

function start({ id, options }: ToForkServer & { type: "start" }): void {
  const failed = (error: unknown) => {
    running.delete(id)
    const { message, code } = describe(error)
    tell({ type: "failed", id, message, code })
  }
  try {
    const child = startChild(options)
    running.set(id, child)
    child.started.then((pid) => tell({ type: "started", id, pid })).catch(failed)
    child.exited.then((code) => tell({ type: "exited", id, code })).catch(failed)
    for (const output of ["stdout", "stderr"] as const) pass(id, output, child[output])
  } catch (error) {
    failed(error)
  }
}

/** One piece at a time, so that a program writes no faster than it is read. */
function pass(id: number, output: Output, stream: Readable): void {
  stream.on("data", (chunk: Buffer) => {
    stream.pause()
    tell({ type: "data", id, output, chunk }, () => stream.resume())
  })
  stream.once("close", () => {
    tell({ type: "end", id, output })
    const child = running.get(id)
    if (child?.stdout.closed && child.stderr.closed) running.delete(id)
  })
}

function release(id: number): void {
  running.get(id)?.stdout.destroy()
  running.get(id)?.stderr.destroy()
}

function tell(message: FromForkServer, sent: () => void = () => {}): void {
  process.send?.(message, sent)
}

function describe(error: unknown): { message: string; code: string | undefined } {
  if (!(error instanceof Error)) return { message: String(error), code: undefined }
  return { message: error.message, code: "code" in error ? String(error.code) : undefined }
}
