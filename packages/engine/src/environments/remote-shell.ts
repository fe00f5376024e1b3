// The remote shell that rsync is given for a host over SSH: it hands rsync's two streams, and the command that it wants run
// there, to the engine, which has the connection. Usage: remote-shell SOCKET HOST COMMAND [ARGUMENT…]
import { connect } from "node:net"
import { Frames, type Frame } from "./frames.ts"

const [, , socket = "", , ...argv] = process.argv
const engine = connect(socket)

const heard = ({ kind, body }: Frame): void => {
  if (kind === "out") process.stdout.write(body)
  else if (kind === "err") process.stderr.write(body)
  else process.exitCode = body[0] ?? 1
}

process.exitCode = 255
const frames = new Frames(heard)
engine.on("data", (chunk) => {
  frames.add(chunk)
  if (!process.stdout.writableNeedDrain) return
  engine.pause()
  process.stdout.once("drain", () => engine.resume())
})
engine.on("error", () => undefined)
engine.on("close", () => process.stdin.destroy())
process.stdout.on("error", () => engine.destroy())
engine.write(`${JSON.stringify(argv)}\n`)
process.stdin.pipe(engine)
