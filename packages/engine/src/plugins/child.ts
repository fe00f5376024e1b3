// The program of a plugin's own process: `node child.js <artifact folder> <uid:gid or -> <serve or describe>`, with the
// channel to the engine on descriptor 3.
import { Socket } from "node:net"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { decode, encode, encodeError } from "@veneer/sdk/call"
import { operationOf } from "@veneer/sdk/describe"
import { Channel } from "./channel.ts"
import { Calls } from "./child-call.ts"
import { migrateAll } from "./child-migrate.ts"
import { isToChild, type FromChild, type ToChild } from "./messages.ts"

const [, , folder = ".", identity = "-", mode = "serve"] = process.argv
const socket = new Socket({ fd: 3, readable: true, writable: true })
// Without an engine there is nothing to do.
socket.on("close", () => process.exit(0))

// What only `describe` needs is read while this process may still read it.
const inspect = mode === "describe" ? await import("@veneer/sdk/check") : undefined
if (identity !== "-") become(identity)

for (const stream of [process.stdout, process.stderr]) block(stream)

// A promise that a handler forgot belongs to no call: it is logged, and costs none.
process.on("unhandledRejection", (reason) => console.error("Nobody awaited a promise that failed:", reason))

let plugin: unknown
const calls = new Calls((message) => send(message))
const channel = new Channel(socket, { receive: (message) => isToChild(message) && receive(message), garbage: (line) => console.error("The engine sent a line that is no JSON:", line), tooLong: () => console.error("The engine sent a message that is too long.") })
const send = (message: FromChild) => channel.send(message)

try {
  const loaded: { default?: unknown } = await import(pathToFileURL(join(folder, "plugin.js")).href)
  plugin = loaded.default
  send({ type: "ready" })
} catch (error) {
  send({ type: "unfit", error: encodeError(error) })
}

/** Messages come from the engine, whose types are ours. */
function receive(message: ToChild): void {
  switch (message.type) {
    case "call": return settle(serve(message))
    case "describe": return settle(answer(message.id, () => inspect?.inspectPlugin(plugin, message)))
    case "migrate": return settle(answer(message.id, () => migrateAll(plugin, message.migration, message.values)))
    case "abort": return calls.abort(message.id)
    case "line": return calls.line(message)
    case "answer": return calls.answer(message)
    case "ping": return send({ type: "pong" })
  }
}

/** `answer` sends every outcome, failures too. */
const settle = (answered: Promise<void>): void => void answered

async function serve(message: ToChild & { type: "call" }): Promise<void> {
  await answer(message.id, async () => {
    const handler = operationOf(plugin, message.operation)
    if (!handler) throw new Error(`There is no operation ${message.operation}.`)
    const input = decode(message.input)
    return handler({ ...(typeof input === "object" ? input : {}), ...calls.begin(message) })
  })
  calls.end(message.id)
}

async function answer(id: number, work: () => unknown): Promise<void> {
  try {
    const value = await work()
    send({ type: "ended", id, value: encodeResult(value) })
  } catch (error) {
    send({ type: "ended", id, error: encodeError(error) })
  }
}

function encodeResult(value: unknown): unknown {
  try {
    return encode(value)
  } catch (error) {
    throw new Error(`It returned ${error instanceof Error ? error.message : String(error)}.`, { cause: error })
  }
}

function become(user: string): void {
  const [uid = 0, gid = 0] = user.split(":").map(Number)
  process.setgroups?.([])
  process.setgid?.(gid)
  process.setuid?.(uid)
}

/**
 * Has writing wait until the engine has read, which it does at once: what Node keeps of what a loop prints would fill the
 * memory. Node has no public word for it.
 */
function block(stream: object & { _handle?: unknown }): void {
  const { _handle: handle } = stream
  if (typeof handle === "object" && handle !== null && "setBlocking" in handle && typeof handle.setBlocking === "function") handle.setBlocking(true)
}
